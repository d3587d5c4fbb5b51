import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadInventory } from '@etcdperf/core/config';
import { type Kube, openKube, type Pod, type Service } from '@etcdperf/core/kube';
import { createKubernetesLab, downLab, type KubernetesLab, openLab, sweepDeadLabs } from '@etcdperf/core/lab';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { remainsOf } from './lab-fixture.ts';

const patient = { timeout: 60_000, timeoutMs: 60_000, interval: 100 };
const IMAGE = 'docker.io/lab/etcd:v3.6.16';
/** What the components would change of this machine if they were let. */
const SETTINGS = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'];
const FOLDERS = ['/var/lib/kubelet', '/var/lib/cni', '/var/lib/containerd', '/var/log/pods', '/var/log/containers'];
const RUN_FOLDERS = ['/run/containerd', '/run/netns', '/etc/cni/net.d', '/tmp/hostpath_pv'];

let stateDir: string;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'etcdperf-kubernetes-lab-test-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', stateDir);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(stateDir, { recursive: true, force: true });
});

/** What of this machine must be the same after a lab as before. */
async function machine() {
  const settings = SETTINGS.map((name) => readFile(`/proc/sys/${name}`, 'utf8'));
  const folders = [...FOLDERS, ...RUN_FOLDERS].map(async (folder) => {
    const entries = await readdir(folder).catch(() => undefined);
    return [folder, entries, entries === undefined ? undefined : (await stat(folder)).mtimeMs];
  });
  return { settings: await Promise.all(settings), folders: await Promise.all(folders) };
}

/** Of one lab: its processes with the time they started, its cgroups, its link. */
async function traces(lab: KubernetesLab) {
  const [node] = lab.nodes;
  const pid = await node!.pid();
  const cgroups = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).matchAll(/:([^:]*):(\/etcdperf-lab-[^/\n]+)/g);
  const hierarchies = [...cgroups].map(
    ([, name = '', path = '']) => `/sys/fs/cgroup/${name.replace('name=', '')}${path}`,
  );
  expect(hierarchies.length).toBeGreaterThan(3);
  expect(hierarchies.filter((folder) => !existsSync(folder))).toEqual([]);
  expect(await routesTo(lab.lab.subnet)).toBe(2);
  const processes = await descendants(lab.lab.dir);
  const programs = await Promise.all(processes.map(async (process) => (await statOf(process.pid))?.program));
  for (const program of ['kube-apiserver', 'kubelet', 'containerd', 'containerd-shim', 'etcd']) {
    expect(programs).toContain(program);
  }
  return { hierarchies, processes, dir: lab.lab.dir, subnet: lab.lab.subnet };
}

/** Empty is what it should be. */
async function remains(of: Awaited<ReturnType<typeof traces>>): Promise<string[]> {
  const alive = await Promise.all(
    of.processes.map(async ({ pid, start }) => ((await statOf(pid))?.start === start ? [`process ${pid}`] : [])),
  );
  return [
    ...alive.flat(),
    ...of.hierarchies.filter((folder) => existsSync(folder)),
    ...((await routesTo(of.subnet)) > 0 ? ['routes'] : []),
    ...(await remainsOf({ ...of, namespaces: new Set() })),
  ];
}

/** Of this machine, to the lab's first network: its nodes, and what is behind them. */
async function routesTo(subnet: string): Promise<number> {
  // Addresses there are numbers with the last octet first.
  const octets = subnet.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  const network = `00${octets.toReversed().join('')}`.toUpperCase();
  return (await readFile('/proc/net/route', 'utf8')).split(`\t${network}\t`).length - 1;
}

/** All processes of a lab: those that carry its mark, and what they started. */
async function descendants(dir: string) {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const all = (await Promise.all(pids.map(statOf))).filter((process) => process !== undefined);
  const own = new Set<number>();
  for (const { pid } of all) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (commandLine.includes(`etcdperf-lab:${dir}`)) own.add(pid);
  }
  for (let before = -1; before !== own.size; ) {
    before = own.size;
    for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
  }
  return all.filter(({ pid }) => own.has(pid));
}

/** Of proc(5); undefined for a process that is gone, or dead and not yet buried. */
async function statOf(pid: number) {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [, program = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(text) ?? [];
  const fields = rest.split(' ');
  if (text === '' || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, program, parent: Number(fields[1]), start: fields[19] };
}

function pod(name: string, command: readonly string[], volumes?: Pod['spec'], image = IMAGE): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      ...volumes,
      containers: [
        { name: 'main', image, command: [...command], volumeMounts: volumes?.containers[0]?.volumeMounts ?? [] },
      ],
    },
  };
}

describe('a Kubernetes on this machine', () => {
  let lab: KubernetesLab;
  let kube: Kube;
  let before: Awaited<ReturnType<typeof machine>>;
  beforeAll(async () => {
    before = await machine();
    lab = await createKubernetesLab({ nodes: 2, etcdperf: fileURLToPath(new URL('../..', import.meta.url)) });
    kube = await openKube({ kubeconfigFile: lab.kubeconfigPath });
  }, 300_000);
  afterAll(async () => {
    await kube?.close();
    await lab?.down();
  });

  async function running(name: string, labels: Record<string, string>) {
    return kube.waitUntil<Pod, Pod>(
      { apiVersion: 'v1', kind: 'Pod', labels },
      (pods) => {
        const found = pods.get(name);
        return found?.status?.phase === 'Running' ? { done: found } : `${name} is ${found?.status?.phase}`;
      },
      patient,
    );
  }

  test('has its nodes, and a class that binds claims by itself', async () => {
    const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' });
    expect(nodes.map((node) => node.metadata?.name)).toEqual(['node1', 'node2']);
    const claim = (name: string, storageClassName?: string) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName },
    });
    await kube.create(claim('never', 'never'));
    await kube.create(claim('data'));
    await kube.waitUntil(
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
      (claims) => {
        const phase = (claims.get('data') as { status?: { phase?: string } } | undefined)?.status?.phase;
        return phase === 'Bound' ? { done: true } : `data is ${phase}`;
      },
      patient,
    );
    const never = await kube.get({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'never' });
    expect(never).toMatchObject({ status: { phase: 'Pending' } });
  });

  test('has an inventory with a cluster for it, and says how it is', async () => {
    const { clusters } = await loadInventory(lab.inventoryPath);
    const [cluster] = clusters.values();
    expect(cluster).toMatchObject({ backend: 'statefulset', kubernetes: { kubeconfigFile: lab.kubeconfigPath } });
    const status = await lab.lab.status();
    expect(status.hosts.map(({ name, state }) => `${name} ${state}`)).toEqual(['node1 up', 'node2 up']);
    expect(status.kubernetes).toMatchObject({ apiServer: kube.server, kubeconfig: lab.kubeconfigPath });
    await expect(lab.node('node1').skew(1000)).rejects.toThrow('keeps the right time');
  });

  test('runs pods on both nodes, which reach a service by its name, and each other', async () => {
    const server = pod(
      'server',
      [
        'etcd',
        '--listen-client-urls=http://0.0.0.0:2379',
        '--advertise-client-urls=http://server:2379',
        '--data-dir=/data/etcd',
      ],
      {
        nodeName: 'node1',
        containers: [{ name: 'main', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      },
    );
    const client = pod('client', ['sh', '-c', 'echo here; exec sleep 1000000'], { nodeName: 'node2', containers: [] });
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'server' },
      spec: { type: 'NodePort', selector: { app: 'server' }, ports: [{ port: 2379 }] },
    };
    for (const object of [server, client, service]) await kube.create(object);
    const { status } = await running('server', { app: 'server' });
    await running('client', { app: 'client' });
    const etcdctl = (endpoint: string) =>
      kube.exec('client', ['etcdctl', '--endpoints', endpoint, 'endpoint', 'health']);
    await vi.waitFor(async () => expect(await etcdctl('http://server:2379')).toMatchObject({ code: 0 }), patient);
    expect(await etcdctl('http://server.default.svc.cluster.local:2379')).toMatchObject({ code: 0 });
    expect(await etcdctl(`http://${status?.podIP}:2379`)).toMatchObject({ code: 0 });
    expect((await kube.exec('client', ['sh', '-c', 'exit 7'])).code).toBe(7);
    const lines: string[] = [];
    for await (const line of kube.logs('client')) lines.push(line);
    expect(lines).toEqual(['here']);
  });

  test('is reached from this machine: node ports of every node, cluster IPs, pods', async () => {
    const service = await kube.get<Service>({ apiVersion: 'v1', kind: 'Service', name: 'server' });
    const server = await kube.get<Pod>({ apiVersion: 'v1', kind: 'Pod', name: 'server' });
    const nodePort = service?.spec?.ports?.[0]?.nodePort;
    const addresses = [
      ...lab.nodes.map((node) => `${node.address}:${nodePort}`),
      `${service?.spec?.clusterIP}:2379`,
      `${server?.status?.podIP}:2379`,
    ];
    for (const address of addresses) {
      expect(address).toMatch(/^198\.1[89]\./);
      await vi.waitFor(async () => {
        const answer = await fetch(`http://${address}/version`, { signal: AbortSignal.timeout(2000) });
        expect(await answer.json()).toMatchObject({ etcdserver: '3.6.16' });
      }, patient);
    }
  });

  test('has an image with etcdperf itself, which drives load in a pod', async () => {
    const spec: Pod['spec'] = { containers: [], restartPolicy: 'Never' };
    const load = ['etcdperf', 'bench:put', '--endpoints', 'http://server:2379', '--total', '200', '--runs-dir', '/tmp'];
    await kube.create(pod('driver', load, spec, 'docker.io/lab/node:v24'));
    await kube.waitUntil<Pod, boolean>(
      { apiVersion: 'v1', kind: 'Pod' },
      (pods) => {
        const phase = pods.get('driver')?.status?.phase;
        return phase === 'Succeeded' || phase === 'Failed' ? { done: true } : `driver is ${phase}`;
      },
      patient,
    );
    const lines: string[] = [];
    for await (const line of kube.logs('driver')) lines.push(line);
    expect(lines.join('\n')).toMatch(/\b200\b/);
  });

  test('an API server that is killed starts again, one that is paused goes on', async () => {
    await lab.apiServer.kill();
    await expect(fetch(kube.server)).rejects.toThrow();
    await lab.apiServer.start();
    await lab.apiServer.pause();
    await lab.apiServer.resume();
    expect(await kube.list({ apiVersion: 'v1', kind: 'Node' })).toHaveLength(2);
  });

  test('a node that is killed boots again with its pods', async () => {
    const node = lab.node('node2');
    await node.kill();
    expect(await node.pid()).toBeUndefined();
    await node.start();
    await vi.waitFor(async () => {
      const client = await kube.get<Pod>({ apiVersion: 'v1', kind: 'Pod', name: 'client' });
      expect(client?.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true });
    }, patient);
  });

  test('goes away without a trace, and leaves this machine as it was all along', async () => {
    const footprint = await traces(lab);
    expect(await machine()).toEqual(before);
    await kube.close();
    await lab.down();
    await vi.waitFor(async () => expect(await remains(footprint)).toEqual([]), patient);
    expect(await machine()).toEqual(before);
    expect(await readdir(stateDir)).toEqual([]);
  });
});

test('ends with the process that made it, even by SIGKILL, and leaves nothing', { timeout: 180_000 }, async () => {
  const source = new URL('../../src/core/lab/index.ts', import.meta.url).href;
  const script = `const { createKubernetesLab } = await import('${source}');
    await createKubernetesLab({ name: 'orphan' });
    console.log('up');
    setInterval(() => {}, 1000);`;
  const argv = ['--conditions=etcdperf-source', '--input-type=module', '-e', script];
  const maker = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(maker.stdout)) if (line === 'up') break;
  const lab = await openLab('orphan');
  const kube = await openKube({ kubeconfigFile: join(lab.dir, 'kubeconfig') });
  await kube.create(pod('left', ['sleep', '1000000']));
  await kube.waitUntil<Pod, boolean>(
    { apiVersion: 'v1', kind: 'Pod' },
    (pods) => (pods.get('left')?.status?.phase === 'Running' ? { done: true } : 'the pod'),
    patient,
  );
  await kube.close();
  const { KubernetesLab } = await import('@etcdperf/core/lab');
  const footprint = await traces(new KubernetesLab(lab));
  maker.kill('SIGKILL');
  await vi.waitFor(async () => expect(await remains(footprint)).toEqual([]), patient);
  expect(await sweepDeadLabs()).toEqual([]);
});

test('stopped while it is made leaves nothing', { timeout: 180_000 }, async () => {
  const stop = new AbortController();
  const onStep = (step: string) => {
    if (step.endsWith('up')) stop.abort(new Error('enough'));
  };
  await expect(createKubernetesLab({ name: 'stopped', onStep }, stop.signal)).rejects.toThrow('enough');
  expect(await downLab('stopped')).toEqual([]);
  expect(await readdir(stateDir)).toEqual([]);
});

test('says what to do where its components are not there', async () => {
  vi.stubEnv('ETCDPERF_CACHE_DIR', stateDir);
  try {
    await expect(createKubernetesLab()).rejects.toMatchObject({
      message: expect.stringContaining('not built: etcd 3.5.35, etcd 3.6.16, etcdctl, Kubernetes'),
      hint: expect.stringContaining('npm run setup'),
    });
  } finally {
    vi.stubEnv('ETCDPERF_CACHE_DIR', undefined);
  }
  await expect(createKubernetesLab({ nodes: 9 })).rejects.toThrow('1 to 8');
});
