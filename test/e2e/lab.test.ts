import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createLab, currentLabInventory, downLab, type Lab, openLab } from '@etcdperf/core/lab';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type LabFootprint, labFootprint, labsIn, remainsOf, ssh } from './lab-fixture.ts';

const patient = { timeout: 30_000, interval: 100 };
const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

// Labs of this file are apart from those of the machine's user.
let stateDir: string;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'etcdperf-lab-test-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', stateDir);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(stateDir, { recursive: true, force: true });
});

async function nothingRemains(footprint: LabFootprint): Promise<void> {
  await vi.waitFor(async () => expect(await remainsOf(footprint)).toEqual([]), patient);
}

describe('the hosts of a lab', () => {
  let lab: Lab;
  beforeAll(async () => {
    const users = [
      { name: 'free', sudo: 'without-password' },
      { name: 'asked', password: 'open sesame', sudo: 'with-password' },
      { name: 'plain', sudo: 'none' },
    ] as const;
    lab = await createLab({ hosts: 3, users });
  });
  afterAll(() => lab?.down());

  test('are reached with the generated key, verified by the generated known_hosts', async () => {
    for (const host of lab.hosts) {
      expect(await ssh(lab, host, 'hostname; id -un')).toMatchObject({ code: 0, stdout: `${host.name}\nroot\n` });
    }
  });

  test('see only their own processes', async () => {
    const { stdout } = await ssh(lab, lab.host('node1'), 'ps -e -o pid=,comm=');
    const processes = stdout.trim().split('\n');
    expect(processes.length).toBeLessThan(10);
    expect(processes[0]?.trim()).toMatch(/^1 sh$/);
    expect(stdout).not.toContain('node\n');
  });

  test('have files of their own, and none of this machine', async () => {
    const [one, two] = [lab.host('node1'), lab.host('node2')];
    await ssh(lab, one, 'echo mine >/root/file; mkdir -p /var/lib/etcdperf');
    expect(await ssh(lab, two, 'cat /root/file')).toMatchObject({ code: 1 });
    const seen = await ssh(
      lab,
      two,
      `ls -A /home /root/.ssh /tmp /work ${stateDir} ${process.cwd()} 2>/dev/null; cat /etc/resolv.conf`,
    );
    expect(
      seen.stdout
        .trim()
        .split('\n')
        .filter((line) => line !== '' && !line.endsWith(':')),
    ).toEqual(['asked', 'free', 'plain', 'authorized_keys']);
    const machineIds = await Promise.all([one, two].map((host) => ssh(lab, host, 'cat /etc/machine-id')));
    expect(machineIds[0]?.stdout).not.toBe(machineIds[1]?.stdout);
  });

  test('reach each other by name', async () => {
    const { stdout } = await lab.host('node1').exec(['bash', '-c', 'exec 3<>/dev/tcp/node3/22; head -c 8 <&3']);
    expect(stdout).toBe('SSH-2.0-');
  });

  test('let sudo in as they were told', async () => {
    const host = lab.host('node1');
    expect(await ssh(lab, host, 'sudo -n id -u', 'free')).toMatchObject({ code: 0, stdout: '0\n' });
    expect(await ssh(lab, host, 'sudo -n id -u', 'asked')).toMatchObject({ code: 1 });
    expect(await ssh(lab, host, "echo 'open sesame' | sudo -S id -u", 'asked')).toMatchObject({
      code: 0,
      stdout: '0\n',
    });
    expect((await ssh(lab, host, 'sudo -n id -u', 'plain')).code).not.toBe(0);
  });

  test("can touch neither this machine's clock nor its kernel settings", async () => {
    const host = lab.host('node1');
    expect((await ssh(lab, host, 'date --set=2001-01-01')).stderr).toContain('Operation not permitted');
    expect((await host.exec(['date', '--set=2001-01-01'])).stderr).toContain('Operation not permitted');
    expect((await ssh(lab, host, 'echo 1 >/proc/sys/vm/swappiness')).stderr).toContain('Read-only');
    expect(await ssh(lab, host, 'echo 1234 >/proc/sys/net/core/somaxconn')).toMatchObject({ code: 0 });
    expect(Math.abs(Date.now() - Date.UTC(2001, 0, 1))).toBeGreaterThan(365 * 86_400_000);
  });

  test('are cut off and come back', async () => {
    const host = lab.host('node2');
    await host.cut();
    expect((await lab.status()).hosts[1]?.state).toBe('cut');
    expect(await ssh(lab, host, 'true')).toMatchObject({ code: 255 });
    expect(await host.exec(['hostname'])).toMatchObject({ stdout: 'node2\n' });
    await host.heal();
    await vi.waitFor(async () => expect((await ssh(lab, host, 'true')).code).toBe(0), patient);
  });

  test('a cut for a time heals, also when it is interrupted', async () => {
    const host = lab.host('node2');
    await host.cutFor(50);
    expect((await lab.status()).hosts[1]?.state).toBe('up');
    await expect(host.cutFor(60_000, AbortSignal.timeout(50))).rejects.toThrow(/timeout/);
    expect((await lab.status()).hosts[1]?.state).toBe('up');
  });

  test('show a wrong clock to new programs and to chronyd, while timers stay right', async () => {
    const host = lab.host('node3');
    const config = `server ${lab.subnet}.2 iburst minpoll 0 maxpoll 0\n`;
    await host.write('/etc/chrony/chrony.conf', config);
    await ssh(lab, host, 'chronyd');
    const lastOffset = async () => Number((await ssh(lab, host, 'chronyc -c tracking')).stdout.split(',')[4]);
    const synchronised = async () => (await ssh(lab, host, 'chronyc -c tracking')).stdout.split(',')[13] === 'Normal\n';
    await vi.waitFor(async () => expect(await synchronised()).toBe(true), patient);
    expect(Math.abs(await lastOffset())).toBeLessThan(1);

    /** How far it is ahead: by at least so much, and at most so much, in ms. */
    const ahead = async () => {
      const before = Date.now();
      const there = Number((await ssh(lab, host, 'date +%s%3N')).stdout);
      return { atLeast: there - Date.now(), atMost: there - before };
    };
    const expectAhead = async (ms: number) => {
      const { atLeast, atMost } = await ahead();
      expect(atLeast).toBeLessThanOrEqual(ms + 20);
      expect(atMost).toBeGreaterThanOrEqual(ms - 20);
    };
    await host.skew(5000);
    await expectAhead(5000);
    const waited = 'const t = performance.now(); setTimeout(() => console.log(performance.now() - t, Date.now()), 50)';
    const [elapsed = 0, now = 0] = (await ssh(lab, host, `node -e '${waited}'`)).stdout.trim().split(' ').map(Number);
    // If they went by the wrong clock it would be 5 s.
    expect(elapsed).toBeLessThan(4500);
    expect(now - Date.now()).toBeGreaterThan(1000);
    expect((await lab.status()).hosts[2]?.skewMs).toBe(5000);
    await vi.waitFor(
      async () => expect(Math.abs(await lastOffset()) > 4 || (await chronyOff()) > 4).toBe(true),
      patient,
    );

    async function chronyOff(): Promise<number> {
      const { stdout } = await ssh(lab, host, 'chronyc -c sources');
      return Math.abs(Number(stdout.split(',')[7]));
    }

    await host.skew(0);
    await expectAhead(0);
  });

  test('die at once, and start again with their disk as it was', async () => {
    const host = lab.host('node3');
    await ssh(lab, host, 'echo kept >/root/file; (setsid sleep 1000 >/dev/null 2>&1 &); echo gone >/run/file');
    await host.skew(60_000);
    await host.kill();
    expect((await lab.status()).hosts[2]?.state).toBe('off');
    expect(await ssh(lab, host, 'true')).toMatchObject({ code: 255 });
    await expect(host.exec(['true'])).rejects.toThrow('the host is off');
    await host.start();
    const { stdout } = await ssh(lab, host, 'cat /root/file; ls /run/file; pgrep sleep -a; date +%s');
    expect(stdout).toContain('kept');
    expect(stdout).not.toContain('gone');
    expect(stdout).not.toContain(' 1000');
    expect(Number(stdout.trim().split('\n').at(-1)) - Date.now() / 1000).toBeGreaterThan(30);
    await host.skew(0);
  });

  test('find their time server at one address of the wire, whichever of them goes', async () => {
    const server = `${lab.subnet}.2`;
    // Whoever is asked for a connection is looked up on the wire first.
    const lookUp = `ip neigh flush all; bash -c 'exec 3<>/dev/tcp/${server}/9' 2>/dev/null; ip neigh show ${server}`;
    const seenBy = async (name: string) => (await lab.host(name).exec(['sh', '-c', lookUp])).stdout;
    const address = 'lladdr 02:65:70:00:00:02';
    expect(await seenBy('node1')).toContain(address);
    for (const [gone, asked] of [
      ['node1', 'node2'],
      ['node2', 'node3'],
      ['node3', 'node1'],
    ] as const) {
      await lab.host(gone).kill();
      expect(await seenBy(asked), `without ${gone}`).toContain(address);
      await lab.host(gone).start();
    }
  });

  test('reap what their daemons leave', async () => {
    const host = lab.host('node1');
    await ssh(lab, host, '(setsid sh -c "sleep 0.1 & sleep 0.1 & exit" >/dev/null 2>&1 &)');
    const zombies = async () =>
      (await ssh(lab, host, 'ps -e -o stat=')).stdout.split('\n').filter((s) => s.startsWith('Z'));
    await vi.waitFor(async () => expect(await zombies()).toEqual([]), patient);
  });
});

describe('a lab', () => {
  test('goes away without a trace, whatever runs in it; two at once do not meet', async () => {
    const [one, two] = await Promise.all([createLab({ hosts: 2 }), createLab({ hosts: 1 })]);
    try {
      expect(one.subnet).not.toBe(two.subnet);
      await ssh(one, one.host('node1'), '(setsid sleep 1000 >/dev/null 2>&1 &); chronyd');
      await one.host('node2').kill();
      const [first, second] = [await labFootprint(one), await labFootprint(two)];
      expect(first.namespaces.size).toBeGreaterThan(4);
      await one.down();
      await nothingRemains(first);
      expect(await ssh(two, two.host('node1'), 'hostname')).toMatchObject({ stdout: 'node1\n' });
      await two.down();
      await nothingRemains(second);
      await two.down();
    } finally {
      await Promise.all([one.down(), two.down()]);
    }
    expect(await labsIn(stateDir)).toEqual([]);
  });

  test('has disks that can be full, one without the others', async () => {
    await using lab = await createLab({ hosts: 2, diskBytes: 16 * 1024 ** 2 });
    const fill = 'head -c 32M /dev/zero >/var/lib/big; echo $?; df --output=size -B1M / | tail -1';
    const full = await ssh(lab, lab.host('node1'), fill);
    expect(full.stderr).toContain('No space left on device');
    expect(full.stdout.split(/\s+/)).toContain('16');
    expect(await ssh(lab, lab.host('node2'), 'head -c 8M /dev/zero >/var/lib/big')).toMatchObject({ code: 0 });
  });

  test('stopped while it is made leaves nothing', async () => {
    const abort = new AbortController();
    const stopped = createLab({ hosts: 20, onHost: () => abort.abort(new Error('stopped')) }, abort.signal);
    await expect(stopped).rejects.toThrow('stopped');
    expect(await labsIn(stateDir)).toEqual([]);
    expect(await downLab()).toEqual([]);
  });

  test('ends with the process that made it, even by SIGKILL', async () => {
    const source = new URL('../../src/core/lab/index.ts', import.meta.url).href;
    const script = `const { createLab } = await import('${source}');
      const lab = await createLab({ hosts: 1, name: 'orphan' });
      console.log('up');
      setInterval(() => {}, 1000);`;
    const maker = spawn(process.execPath, ['--conditions=etcdperf-source', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(maker.stdout)) if (line === 'up') break;
    const footprint = await labFootprint(await openLab('orphan'));
    maker.kill('SIGKILL');
    await vi.waitFor(async () => {
      expect((await remainsOf(footprint)).filter((rest) => rest !== footprint.dir)).toEqual([]);
    }, patient);
    expect(await downLab()).toEqual(['orphan']);
    await nothingRemains(footprint);
  });

  test('is taken down even when its folder is gone', async () => {
    const lab = await createLab({ hosts: 1, name: 'kept', ephemeral: false });
    const footprint = await labFootprint(lab);
    expect(await currentLabInventory()).toBe(lab.inventoryPath);
    await rm(lab.dir, { recursive: true });
    expect(await downLab()).toEqual(['kept']);
    await nothingRemains(footprint);
    expect(await currentLabInventory()).toBeUndefined();
  });

  test('refuses a name that is taken, or is none', async () => {
    await using lab = await createLab({ hosts: 1, name: 'taken' });
    await expect(createLab({ hosts: 1, name: 'taken' })).rejects.toThrow("a lab 'taken' already");
    await expect(downLab('../taken')).rejects.toThrow('is no name for a lab');
    await expect(createLab({ hosts: 0 })).rejects.toThrow('1 to 200');
    expect((await lab.status()).state).toBe('up');
  });
});

describe('lab:up', () => {
  function etcdperf(...argv: string[]) {
    return spawn(process.execPath, [bin, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ETCDPERF_STATE_DIR: stateDir, CI: '1' },
    });
  }

  test('interrupted by Ctrl-C leaves nothing and ends with 130', async () => {
    const child = etcdperf('lab:up', '--hosts', '30', '--name', 'interrupted');
    let asked = false;
    for await (const line of createInterface(child.stderr)) {
      // Once: a second Ctrl-C ends it without cleaning up.
      if (!asked && line.includes('hosts up')) asked = child.kill('SIGINT');
    }
    const code = child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)));
    expect(code).toBe(130);
    expect(await labsIn(stateDir)).toEqual([]);
    expect(await downLab()).toEqual([]);
  });
});
