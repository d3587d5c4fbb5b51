import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OperationError } from '../errors/index.ts';
import { API_SERVER_NAME, changedKubeconfig, startTcpProxy, type TestKube, testKube } from '../testing/index.ts';
import { ApiServer } from './api-server.ts';
import { type Kube, type KubeObject, openKube } from './index.ts';
import { chooseContext } from './kubeconfig.ts';

const WAIT = { timeout: 60_000, interval: 20 };

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

const QUERY = { apiVersion: 'v1', kind: 'ConfigMap', labels: { 'etcdperf.io/followed': 'yes' } };

async function put(name: string): Promise<void> {
  const metadata = { name, labels: QUERY.labels };
  await kube.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} } as KubeObject);
}

function follower(of: Kube) {
  const end = new AbortController();
  const seen: string[][] = [];
  const over = of.follow(QUERY, (items) => seen.push([...items.keys()].sort()), end.signal);
  over.catch(() => {});
  return { end, seen, over, names: () => seen.at(-1) };
}

test('follows what is there, comes and goes, until it is told to end', async () => {
  await put('a');
  const { end, over, names } = follower(kube);
  await expect.poll(names, WAIT).toEqual(['a']);
  await put('b');
  await expect.poll(names, WAIT).toEqual(['a', 'b']);
  await kube.remove({ ...QUERY, name: 'a' });
  await expect.poll(names, WAIT).toEqual(['b']);
  end.abort();
  await over;
});

test('goes on when the API server was away, and says so', async () => {
  const server = new URL(chooseContext({ kubeconfigFile: space.kubeconfigFile }).server);
  await using proxy = await startTcpProxy(`${server.hostname}:${server.port || 443}`);
  await using kubeconfig = await changedKubeconfig(space.kubeconfigFile, {
    cluster: { server: `https://${proxy.address}`, 'tls-server-name': API_SERVER_NAME },
  });
  const notices: string[] = [];
  await using behind = await openKube({
    kubeconfigFile: kubeconfig.path,
    namespace: space.namespace,
    onNotice: (notice) => notices.push(notice),
  });
  const { end, over, names } = follower(behind);
  await expect.poll(names, WAIT).toContain('b');

  proxy.cut();
  await expect.poll(() => notices, WAIT).toEqual([expect.stringMatching(/: trying again$/)]);
  await put('c');
  await kube.remove({ ...QUERY, name: 'b' });
  proxy.heal();
  await expect.poll(names, WAIT).toEqual(['c']);
  expect(notices).toEqual([expect.any(String), `https://${proxy.address} answers again`]);

  // Other requests wait for it too, as long as their patience lasts.
  proxy.cut();
  const reading = behind.get({ ...QUERY, name: 'c' });
  await expect.poll(() => notices.length, WAIT).toBeGreaterThan(2);
  proxy.heal();
  expect(await reading).toMatchObject({ metadata: { name: 'c' } });
  end.abort();
  await over;

  proxy.cut();
  await using hasty = await openKube({ kubeconfigFile: kubeconfig.path, firstPatienceMs: 0 });
  await expect(hasty.list(QUERY)).rejects.toMatchObject({
    message: 'the API server breaks connections off',
    where: `https://${proxy.address}`,
    exitCode: 1,
  });
});

test('lists again when the API server has forgotten what it is asked to go on from', async () => {
  await put('d');
  await using forgetful = await askingForTheFirstVersion(space.kubeconfigFile);
  await using kubeconfig = await changedKubeconfig(space.kubeconfigFile, {
    cluster: { server: `http://127.0.0.1:${forgetful.port}` },
    user: {},
  });
  await using behind = await openKube({ kubeconfigFile: kubeconfig.path, namespace: space.namespace });
  const { end, over, names, seen } = follower(behind);
  await expect.poll(() => forgetful.spoilt, WAIT).toBe(1);
  await put('e');
  await expect.poll(names, WAIT).toEqual(expect.arrayContaining(['d', 'e']));
  expect(seen.length).toBeGreaterThan(1);
  end.abort();
  await over;
});

/** A proxy that makes the first watch begin at a version that is long compacted: the API server itself answers 410. */
async function askingForTheFirstVersion(kubeconfigFile: string) {
  const api = new ApiServer(chooseContext({ kubeconfigFile }), { patienceMs: 0, firstPatienceMs: 0 });
  const state = { spoilt: 0 };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', api.server);
    if (url.searchParams.has('watch') && state.spoilt === 0) {
      state.spoilt += 1;
      url.searchParams.set('resourceVersion', '1');
    }
    const query = Object.fromEntries(url.searchParams);
    const answer = await api
      .stream({ method: 'GET', path: url.pathname, query, what: 'relay' })
      .catch(() => response.destroy() && undefined);
    if (answer === undefined) return;
    response.on('close', () => answer.destroy());
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { readonly port: number }).port,
    get spoilt() {
      return state.spoilt;
    },
    [Symbol.asyncDispose]: async () => {
      api.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('when the Kube is closed, or its signal aborts, a follower ends and a wait says so', async () => {
  const { kubeconfigFile, namespace } = space;
  const closed = await openKube({ kubeconfigFile, namespace });
  const { over, seen } = follower(closed);
  const waiting = closed.waitUntil(QUERY, () => 'nothing', { timeoutMs: 60_000 });
  waiting.catch(() => {});
  await expect.poll(() => seen.length, WAIT).toBeGreaterThan(0);
  await closed.close();
  await over;
  await expect(waiting).rejects.toMatchObject({ exitCode: 130 });

  const end = new AbortController();
  await using ended = await openKube({ kubeconfigFile, namespace, signal: end.signal });
  const listing = ended.list(QUERY);
  end.abort(new OperationError('my reason'));
  await expect(listing).rejects.toThrow('my reason');
});

test('what is not allowed, or thrown on a change, ends it', async () => {
  const never = new AbortController();
  const unknown = { apiVersion: 'nothing.example.com/v1', kind: 'Nothing' };
  await expect(kube.follow(unknown, () => {}, never.signal)).rejects.toMatchObject({ status: 404 });
  const fail = () => {
    throw new Error('my own');
  };
  await expect(kube.follow(QUERY, fail, never.signal)).rejects.toThrow('my own');
});
