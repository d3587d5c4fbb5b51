import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { findEtcdTool } from './etcd-programs.ts';
import { startEtcd } from './etcd-server.ts';

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('three members: one leads, one is killed and comes back', async () => {
  await using cluster = await startEtcd({ members: 3 });
  const leader = await cluster.leader();
  const pid = leader.pid;
  await leader.kill();
  expect(isAlive(pid)).toBe(false);
  expect(await leader.isHealthy()).toBe(false);
  expect((await cluster.leader()).name).not.toBe(leader.name);
  await leader.restart();
  expect(leader.pid).not.toBe(pid);
  expect(await leader.isHealthy()).toBe(true);
});

test('TLS: the certificate verifies', async () => {
  const cluster = await startEtcd({ tls: 'server' });
  const [member] = cluster.members;
  try {
    const socket = connect({ host: '127.0.0.1', port: member!.clientPort, ca: cluster.certificates!.ca });
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.authorized).toBe(true);
    socket.destroy();
  } finally {
    await cluster.stop();
  }
  expect(isAlive(member!.pid)).toBe(false);
  expect(existsSync(dirname(member!.dataDir))).toBe(false);
});

test.each(['3.4', '3.5', '3.6'])('etcd %s by the name of its series; etcdctl reads what it is', async (version) => {
  await using cluster = await startEtcd({ version });
  const status = execFileSync(await findEtcdTool('etcdctl'), [
    ...['--endpoints', cluster.endpoints.join(','), 'endpoint', 'status', '--write-out', 'json'],
  ]);
  const [member] = JSON.parse(String(status)) as { Status: { version: string } }[];
  expect(member?.Status.version).toMatch(new RegExp(`^${version.replace('.', '\\.')}\\.\\d+$`));
});

test('nothing outlives a test process that is killed', async () => {
  const source = fileURLToPath(new URL('./etcd-server.ts', import.meta.url));
  const program = `import { dirname } from 'node:path';
    const { startEtcd } = await import(${JSON.stringify(source)});
    const { members: [member] } = await startEtcd();
    process.stdout.write(JSON.stringify({ pid: member.pid, folder: dirname(member.dataDir) }) + '\\n');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)));
    child.once('exit', () => reject(new Error('ended before it printed')));
  });
  const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  await vi.waitFor(
    () => {
      expect(
        isAlive(pid) && execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })[0] !== 'Z',
      ).toBe(false);
      expect(existsSync(folder)).toBe(false);
    },
    { timeout: 30_000, interval: 20 },
  );
});
