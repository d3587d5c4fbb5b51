import { type Kube, openKube, type Pod } from '@etcdperf/core/kube';
import { type TestKube, testKube } from '@etcdperf/core/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PodMember } from '../members/cluster-members.ts';
import type { ReadLogOptions } from './log-source.ts';
import { readPodLog } from './read-pod-log.ts';

const SLOW = { timeout: 90_000, interval: 500 };

let space: TestKube;
let kube: Kube;
beforeAll(async () => {
  space = await testKube();
  kube = await openKube({ kubeconfigFile: space.kubeconfigFile, namespace: space.namespace });
});
afterAll(async () => {
  await kube?.close();
  await space?.close();
});

/** A pod with an etcd of its own. */
async function start(name: string, more: object = {}): Promise<PodMember> {
  const argv = ['etcd', `--name=${name}`, '--data-dir=/data/etcd', '--listen-client-urls=http://0.0.0.0:2379'];
  await kube.create<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      containers: [
        {
          ...{ name: 'etcd', image: 'docker.io/lab/etcd:v3.6.16', imagePullPolicy: 'IfNotPresent' },
          command: [...argv, '--advertise-client-urls=http://127.0.0.1:2379'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', emptyDir: {} }],
      terminationGracePeriodSeconds: 1,
      ...more,
    },
  });
  return {
    ...{ kind: 'pod', name, clientUrl: 'http://127.0.0.1:2379', kube, pod: name, container: 'etcd', node: undefined },
    namespace: space.namespace,
  };
}

const podOf = (name: string) => kube.get<Pod>({ apiVersion: 'v1', kind: 'Pod', name });
const ready = (lines: readonly string[]) => lines.filter((line) => line.includes('ready to serve client')).length;
const starts = (lines: readonly string[]) => lines.filter((line) => line.includes('starting an etcd server')).length;

async function read(member: PodMember, options: Partial<ReadLogOptions> = {}) {
  const lines: string[] = [];
  const notes: string[] = [];
  await readPodLog(member, {
    ...{ window: {}, follow: false, signal: undefined },
    onLines: (some) => void lines.push(...some),
    onNote: (note) => void notes.push(note),
    ...options,
  });
  return { lines, notes };
}

async function restartContainer(member: PodMember): Promise<void> {
  const before = (await podOf(member.pod))?.status?.containerStatuses?.[0]?.restartCount ?? 0;
  await kube.exec(member.pod, ['sh', '-c', 'kill 1'], { container: 'etcd' }).catch(() => undefined);
  await vi.waitFor(async () => {
    const status = (await podOf(member.pod))?.status?.containerStatuses?.[0];
    expect(status?.restartCount).toBeGreaterThan(before);
    expect(status?.state?.running).toBeDefined();
  }, SLOW);
}

test('the container that runs, and the one before it; what is lost is said', async () => {
  const member = await start('again-0');
  const one = await vi.waitFor(async () => {
    const found = await read(member);
    expect(ready(found.lines)).toBe(1);
    return found;
  }, SLOW);
  expect(one.notes).toEqual([]);

  await restartContainer(member);
  const two = await vi.waitFor(async () => {
    const found = await read(member);
    expect(ready(found.lines)).toBe(2);
    return found;
  }, SLOW);
  expect(two.lines.slice(0, one.lines.length)).toEqual(one.lines);
  expect(two.notes).toEqual([]);

  const early = await read(member, { window: { sinceMs: Date.now() - 86_400_000 } });
  expect(early.notes).toEqual([expect.stringMatching(/^pod again-0 is there since .* on node \S+; what the member/)]);
  expect((await read(member, { window: { last: 3 } })).lines).toHaveLength(3);
});

test('a container that starts again and a pod that moves are followed, and no line is lost or told twice', async () => {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' });
  const [here, there] = [nodes[0]!.metadata!.name, nodes.at(-1)!.metadata!.name];
  const member = await start('moved-0', { nodeName: here });
  const ended = new AbortController();
  const lines: string[] = [];
  const notes: string[] = [];
  const following = read(member, {
    ...{ follow: true, signal: ended.signal },
    onLines: (some) => void lines.push(...some),
    onNote: (note) => void notes.push(note),
  });
  try {
    await vi.waitFor(() => expect(ready(lines)).toBe(1), SLOW);
    await restartContainer(member);
    await vi.waitFor(() => expect(ready(lines)).toBe(2), SLOW);

    const pod = { apiVersion: 'v1', kind: 'Pod', name: 'moved-0' };
    await kube.remove(pod);
    await kube.waitUntil(
      { ...pod, fields: { 'metadata.name': 'moved-0' } },
      (items) => (items.size === 0 ? { done: true } : 'its end'),
      { timeoutMs: 60_000 },
    );
    await start('moved-0', { nodeName: there });
    await vi.waitFor(() => expect(ready(lines)).toBe(3), SLOW);
  } finally {
    ended.abort();
  }
  await following;
  expect(starts(lines)).toBe(3);
  expect(new Set(lines).size).toBe(lines.length);
  expect(lines.filter((line) => line.includes('received signal; shutting down'))).toHaveLength(2);
  expect(notes).toEqual([
    expect.stringMatching(/^the container of pod moved-0 was started again at /),
    expect.stringMatching(
      here === there
        ? /^pod moved-0 was made anew on node /
        : new RegExp(`^pod moved-0 was made anew from node ${here} to ${there} at .*; its former log`),
    ),
  ]);
  // Nothing of the pod that was there first can be had any more.
  const now = await read(member, { window: { sinceMs: Date.now() - 3_600_000 } });
  expect(starts(now.lines)).toBe(1);
  expect(now.notes).toHaveLength(1);
});

test('a pod whose container does not run, and one that is not there', async () => {
  const stuck = await start('stuck-0', { nodeSelector: { 'no-such-label': 'x' } });
  expect(await read(stuck)).toEqual({
    lines: [],
    notes: ['the container of pod stuck-0 does not run now (it has not started yet)'],
  });
  await expect(read({ ...stuck, pod: 'nobody-0' })).rejects.toThrow('there is no pod nobody-0');
});
