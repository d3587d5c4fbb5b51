import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_SERVER_NAME, changedKubeconfig, startTcpProxy, type TestKube, testKube } from '../testing/index.ts';
import { type Forward, type Kube, type KubeObject, openKube, type Pod } from './index.ts';

const IMAGE = 'docker.io/lab/etcd:v3.6.16';
const READY = { timeoutMs: 90_000 };
const WAIT = { timeout: 60_000, interval: 20 };

let space: TestKube;
let kube: Kube;
let folder: string;

beforeAll(async () => {
  space = await testKube();
  kube = await openKube({ kubeconfigFile: space.kubeconfigFile, namespace: space.namespace });
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-kube-'));
  await Promise.all([
    startPod('plain', 'sleep infinity'),
    startPod(
      'talks',
      'for i in 1 2 3; do echo "line $i"; done; while [ ! -f /tmp/more ]; do sleep 0.1; done; echo later',
    ),
    startPod('echo', ECHO),
  ]);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await kube?.close();
  await space?.close();
});

/** Returns what it is sent, on port 7000. */
const ECHO = 'nc -ll -p 7000 -e cat';

async function startPod(name: string, script: string): Promise<void> {
  await kube.apply<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: IMAGE, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script] }],
    },
  });
  await waitForPod(name, 'Running');
}

async function waitForPod(name: string, phase: string): Promise<void> {
  const query = { apiVersion: 'v1', kind: 'Pod', fields: { 'metadata.name': name } };
  await kube.waitUntil<Pod, true>(
    query,
    (items) => (items.get(name)?.status?.phase === phase ? { done: true } : `pod ${name} is ${phase}`),
    READY,
  );
}

test('exec: exit codes, output and its errors, input; what is not there', async () => {
  expect(await kube.exec('plain', ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
    code: 7,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  expect(await kube.exec('plain', ['cat'], { stdin: 'käse' })).toEqual({ code: 0, stdout: 'käse', stderr: '' });
  // Without input there is none, instead of one that never ends.
  expect(await kube.exec('plain', ['cat'])).toEqual({ code: 0, stdout: '', stderr: '' });
  const odd = ['printf', '%s|', 'a b', '$HOME', "it's", '', '*', 'ü&?='];
  expect((await kube.exec('plain', odd)).stdout).toBe(`${odd.slice(2).join('|')}|`);

  await expect(kube.exec('plain', ['nonesuch'])).rejects.toMatchObject({
    message: "nonesuch can't be run: the container has no nonesuch",
    where: `pod ${space.namespace}/plain`,
  });
  await expect(kube.exec('absent', ['true'])).rejects.toMatchObject({ status: 404 });
  await expect(kube.exec('plain', ['true'], { container: 'other' })).rejects.toThrow(/other/);
});

test('exec: binary input and output, more than buffers hold, at the pace of who takes it', async () => {
  const bytes = randomBytes(3_000_000);
  const taken: Buffer[] = [];
  let taking = 0;
  const { code } = await kube.exec('plain', ['cat'], {
    stdin: bytes,
    onStdout: async (chunk) => {
      taking += 1;
      expect(taking).toBe(1);
      await new Promise(setImmediate);
      taken.push(chunk);
      taking -= 1;
    },
  });
  expect(code).toBe(0);
  expect(Buffer.concat(taken).equals(bytes)).toBe(true);
  const input = (async function* () {
    yield Buffer.from('begin');
    throw new Error('the input is cut off');
  })();
  await expect(kube.exec('plain', ['cat'], { stdin: input })).rejects.toThrow('the input is cut off');
  const fail = () => Promise.reject(new Error('the disk is full'));
  await expect(kube.exec('plain', ['echo', 'x'], { onStdout: fail })).rejects.toThrow('the disk is full');
});

test('exec ends by its time limit, by a signal, and when the connection breaks', async () => {
  await expect(kube.exec('plain', ['sleep', '1000'], { timeoutMs: 200 })).rejects.toMatchObject({
    message: 'sleep did not end within 0.2 s',
    exitCode: 1,
  });
  const end = new AbortController();
  const running = kube.exec('plain', ['sh', '-c', 'echo begun; sleep 1000'], {
    signal: end.signal,
    onStdout: () => end.abort(),
  });
  await expect(running).rejects.toMatchObject({ exitCode: 130 });

  const server = new URL(kube.server);
  await using proxy = await startTcpProxy(`${server.hostname}:${server.port || 443}`);
  await using kubeconfig = await changedKubeconfig(space.kubeconfigFile, {
    cluster: { server: `https://${proxy.address}`, 'tls-server-name': API_SERVER_NAME },
  });
  await using behind = await openKube({ kubeconfigFile: kubeconfig.path, namespace: space.namespace });
  const broken = behind.exec('plain', ['sh', '-c', 'echo begun; sleep 1000'], { onStdout: () => proxy.cut() });
  await expect(broken).rejects.toThrow('whether it finished is not known');
});

test('a follower of a log gets every line once, though the connection breaks, until the container ends', async () => {
  const server = new URL(kube.server);
  await using proxy = await startTcpProxy(`${server.hostname}:${server.port || 443}`);
  await using kubeconfig = await changedKubeconfig(space.kubeconfigFile, {
    cluster: { server: `https://${proxy.address}`, 'tls-server-name': API_SERVER_NAME },
  });
  await using behind = await openKube({ kubeconfigFile: kubeconfig.path, namespace: space.namespace });
  const lines: string[] = [];
  for await (const line of behind.logs('talks', { follow: true })) {
    lines.push(line);
    if (line !== 'line 3') continue;
    proxy.cut();
    await kube.exec('talks', ['touch', '/tmp/more']);
    proxy.heal();
  }
  expect(lines).toEqual(['line 1', 'line 2', 'line 3', 'later']);
});

test('logs: the last lines, times, a moment to begin at, the container before, an end by signal', async () => {
  await waitForPod('talks', 'Succeeded');
  expect(await collect(kube.logs('talks', { tail: 2 }))).toEqual(['line 3', 'later']);
  const stamped = await collect(kube.logs('talks', { timestamps: true }));
  expect(stamped).toHaveLength(4);
  for (const line of stamped) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d) /);
  expect(await collect(kube.logs('talks', { sinceTime: new Date(Date.now() + 3_600_000) }))).toEqual([]);
  expect(await collect(kube.logs('talks', { sinceSeconds: 3600 }))).toHaveLength(4);
  await expect(collect(kube.logs('talks', { previous: true }))).rejects.toThrow(/previous terminated container/);
  await expect(collect(kube.logs('absent'))).rejects.toMatchObject({ status: 404 });

  const end = new AbortController();
  const following = collect(kube.logs('plain', { follow: true, signal: end.signal }));
  end.abort();
  expect(await following).toEqual([]);
});

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test('a file goes in and comes out byte by byte; what fails leaves nothing behind', async () => {
  const [original, copy] = [join(folder, 'original'), join(folder, 'copy')];
  const bytes = randomBytes(5_000_001);
  await writeFile(original, bytes);
  await kube.copyTo('plain', original, '/tmp/it is here', { mode: 0o750 });
  expect((await kube.exec('plain', ['stat', '-c', '%a %s', '/tmp/it is here'])).stdout).toBe('750 5000001\n');
  await kube.copyFrom('plain', '/tmp/it is here', copy);
  expect((await readFile(copy)).equals(bytes)).toBe(true);

  await writeFile(original, '');
  await kube.copyTo('plain', original, '/tmp/it is here');
  await kube.copyFrom('plain', '/tmp/it is here', copy);
  expect(await readFile(copy)).toHaveLength(0);

  await expect(kube.copyFrom('plain', '/tmp/absent', join(folder, 'none'))).rejects.toThrow(
    /^\/tmp\/absent can't be read: .*No such file/,
  );
  await expect(kube.copyTo('plain', original, '/absent/x')).rejects.toThrow(/^\/absent\/x can't be written: /);
  await expect(kube.copyTo('plain', join(folder, 'absent'), '/tmp/x')).rejects.toMatchObject({ exitCode: 2 });
  await expect(kube.copyTo('plain', folder, '/tmp/x')).rejects.toMatchObject({ exitCode: 2 });
  expect((await readdir(folder)).sort()).toEqual(['copy', 'original']);
});

test('a forwarded port: many connections at once, much data both ways', async () => {
  await using forward = await kube.forward('echo', 7000);
  const bytes = randomBytes(200_000);
  const many = await Promise.all(Array.from({ length: 30 }, () => exchange(forward, bytes)));
  expect(many.every((back) => back.equals(bytes))).toBe(true);
  const large = randomBytes(8_000_000);
  expect((await exchange(forward, large)).equals(large)).toBe(true);
});

test('a forwarded port: nobody listens there, no such pod, an end that leaves no listener', async () => {
  await using deaf = await kube.forward('plain', 7001);
  expect((await exchange(deaf, Buffer.from('x'))).toString()).toBe('');
  await expect(kube.forward('absent', 7000)).rejects.toMatchObject({ status: 404 });

  const forward = await kube.forward('echo', 7000);
  const open = connect(forward.port, '127.0.0.1');
  const closed = new Promise((resolve) => open.on('close', resolve));
  open.on('error', () => {});
  open.write('x');
  await new Promise((resolve) => open.once('data', resolve));
  await forward.close();
  await closed;
  const refused = await new Promise<{ code?: string }>((resolve) =>
    connect(forward.port, '127.0.0.1').on('error', resolve),
  );
  expect(refused.code).toBe('ECONNREFUSED');
});

test('a forwarded port: connections end when the pod goes, and get to the one that follows it', async () => {
  await startPod('brief', ECHO);
  await using forward = await kube.forward('brief', 7000);
  const open = connect(forward.port, '127.0.0.1');
  const closed = new Promise((resolve) => open.on('close', resolve));
  open.on('error', () => {});
  open.write('x');
  await new Promise((resolve) => open.once('data', resolve));
  const ref = { apiVersion: 'v1', kind: 'Pod', name: 'brief' };
  await kube.remove(ref);
  await closed;
  await kube.waitUntil(
    { apiVersion: 'v1', kind: 'Pod' },
    (items) => (items.has('brief') ? 'it to be gone' : { done: true }),
    READY,
  );
  await startPod('brief', ECHO);
  await expect.poll(async () => (await exchange(forward, Buffer.from('again'))).toString(), WAIT).toBe('again');
});

test('an eviction is asked for, and refused where a disruption budget forbids it', async () => {
  const labels = { app: 'guarded' };
  await kube.merge({ apiVersion: 'v1', kind: 'Pod', name: 'plain' }, { metadata: { labels } });
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
  await kube.apply({
    ...budget,
    metadata: { name: 'guard' },
    spec: { minAvailable: 1, selector: { matchLabels: labels } },
  } as KubeObject);
  await expect
    .poll(() => kube.evict('plain').catch((error) => error), WAIT)
    .toMatchObject({ status: 429, message: expect.stringContaining('disruption budget') });
  await kube.remove({ ...budget, name: 'guard' });
  await expect.poll(() => kube.evict('plain').then(() => 'evicted', String), WAIT).toBe('evicted');
  await kube.waitUntil(
    { apiVersion: 'v1', kind: 'Pod' },
    (items) => (items.has('plain') ? 'it to be gone' : { done: true }),
    READY,
  );
});

/** What comes back for these bytes; less where the connection ends before. */
async function exchange({ port }: Forward, bytes: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= bytes.length) socket.end();
    });
    socket.write(bytes);
  });
}
