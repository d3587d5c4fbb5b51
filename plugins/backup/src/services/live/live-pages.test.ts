import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InputError, InterruptedError, OperationError } from '@etcdperf/core/errors';
import { findEtcdTool, startEtcd, startTcpProxy, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { recordsOf } from '../../contents/records-of.ts';
import { CompactedError } from './compacted-error.ts';
import { type LivePages, openLivePages } from './live-pages.ts';
import type { LiveRequest } from './live-request.ts';
import { RangePage } from './range-page.ts';
import { RangeReader } from './range-reader.ts';

/** More than a few pages: the first ones are small. */
const KEYS = 3000;

type Request = Partial<LiveRequest> & Pick<LiveRequest, 'access'>;

function open(request: Request): Promise<LivePages> {
  return openLivePages({ prefixes: [], timeoutMs: 30_000, signal: new AbortController().signal, ...request });
}

/** Reads it all; `onPage` comes between the first page and the second. */
async function readAll(live: LivePages, onPage?: () => Promise<void>) {
  const keys: string[] = [];
  let pages = 0;
  for await (const page of live.pages()) {
    keys.push(...recordsOf(page).map(({ key }) => key.toString('latin1')));
    pages += 1;
    if (pages === 1) await onPage?.();
  }
  return { keys, pages };
}

async function fill(client: WireClient, prefix: string, keys: number, value = 'v'): Promise<string[]> {
  const names = Array.from({ length: keys }, (_, index) => `${prefix}${String(index).padStart(6, '0')}`);
  for (let from = 0; from < keys; from += 100)
    await client.txn({
      success: names.slice(from, from + 100).map((key) => ({ kind: 'put', key, value }) as const),
    });
  return names;
}

describe.each(['3.4', '3.6'])('etcd %s', (version) => {
  let etcd: TestCluster;
  let client: WireClient;
  let access: LiveRequest['access'];
  let names: string[];
  beforeAll(async () => {
    etcd = await startEtcd({ version });
    access = { endpoints: etcd.endpoints };
    client = await WireClient.connect({ ...access, requestTimeoutMs: 30_000 });
    names = await fill(client, '/many/', KEYS);
  });
  afterAll(async () => {
    await client.close();
    await etcd.stop();
  });

  test('one revision, whatever is written meanwhile', async () => {
    await using live = await open({ access, prefixes: [Buffer.from('/many/')] });
    const { revision } = (await client.range('/many/')).header;
    const { keys, pages } = await readAll(live, async () => {
      await client.deleteRange(names[KEYS - 1]!);
      await client.put('/many/none', 'new');
    });
    expect(live.origin).toMatchObject({ revision, prefixes: [Buffer.from('/many/')] });
    expect(live.total).toBe(KEYS);
    expect(keys).toEqual(names);
    expect(pages).toBeGreaterThan(3);
    await client.deleteRange('/many/none');
    await client.put(names[KEYS - 1]!, 'v');
  });

  test('many prefixes, several at once: each key once, in order', async () => {
    const prefixes = Array.from({ length: 30 }, (_, index) => `/many/0${String(index).padStart(2, '0')}`);
    const asked = [...prefixes, '/many/00', '/none/'].reverse().map((prefix) => Buffer.from(prefix));
    for (const parallel of [1, 4, 64]) {
      await using live = await open({ access, prefixes: asked, parallel });
      const expected = names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
      expect(await readAll(live)).toMatchObject({ keys: expected });
    }
  });

  test('values of 1.5 MB among small ones: a reply is never much larger than one of them', async () => {
    const large = Buffer.alloc(1_500_000, 'L');
    await fill(client, '/mixed/', 40);
    const wide = Array.from({ length: 12 }, (_, index) => `/mixed/0000${10 + index}+`);
    for (const key of wide) await client.put(key, large);
    await using live = await open({ access, prefixes: [Buffer.from('/mixed/')] });
    let largest = 0;
    const sizes: number[] = [];
    for await (const page of live.pages()) {
      largest = Math.max(largest, page.bytes.length);
      sizes.push(...recordsOf(page).map(({ valueSize }) => valueSize ?? -1));
    }
    expect(sizes).toHaveLength(52);
    expect(sizes.filter((size) => size === large.length)).toHaveLength(12);
    expect(largest).toBeLessThan(10_000_000);
    await client.deleteRange('/mixed/', { prefix: true });
  });

  test('only what was modified since: etcd sifts it, few keys come', async () => {
    const { revision } = (await client.range('x')).header;
    const some = names.filter((_, index) => index % 700 === 5);
    for (const key of some) await client.put(key, `changed ${key}`);
    for (const keysOnly of [false, true]) {
      await using live = await open({ access, sinceRevision: revision, keysOnly, prefixes: [Buffer.from('/many/')] });
      const records = [];
      for await (const page of live.pages()) records.push(...recordsOf(page, { keysOnly }));
      expect(records.map(({ key }) => key.toString())).toEqual(some);
      expect(records.map(({ value }) => value?.toString())).toEqual(
        some.map((key) => (keysOnly ? undefined : `changed ${key}`)),
      );
      expect(records.every(({ modRevision }) => modRevision > revision)).toBe(true);
    }
  });

  test('a lease is asked once; one that is gone by then is known to be', async () => {
    const [short, long] = [await client.leaseGrant(3600), await client.leaseGrant(7200)];
    for (const [index, lease] of [short.id, long.id, long.id].entries())
      await client.put(`/leased/${index}`, 'x', { lease });
    await using live = await open({ access, prefixes: [Buffer.from('/leased/')], withTtl: true });
    await client.leaseRevoke(short.id);
    const { keys } = await readAll(live);
    expect(keys).toHaveLength(3);
    expect(live.ttls).toEqual(
      new Map([
        [short.id, -1],
        [long.id, expect.any(Number)],
      ]),
    );
    expect(live.ttls.get(long.id)).toBeGreaterThan(3600);
  });

  test('compacted in the middle: what came before is true, and the error is told from all others', async () => {
    await using live = await open({ access, prefixes: [Buffer.from('/many/')] });
    const came: string[] = [];
    const reading = (async () => {
      for await (const page of live.pages()) {
        came.push(...recordsOf(page).map(({ key }) => key.toString()));
        const { header } = await client.put('/other', 'x');
        if (came.length === page.length) await client.compact(header.revision);
      }
    })();
    await expect(reading).rejects.toThrow(CompactedError);
    await expect(reading).rejects.toMatchObject({ exitCode: 1, revision: live.origin.revision });
    expect(came).toEqual(names.slice(0, came.length));
    expect(came.length).toBeLessThan(KEYS);

    const gone = open({ access, revision: live.origin.revision });
    await expect(gone).rejects.toThrow(`revision ${live.origin.revision} is compacted away`);
    const future = open({ access, revision: 1_000_000 });
    await expect(future).rejects.toThrow(InputError);
    await expect(future).rejects.toThrow(/the cluster is at revision \d+: there is no 1000000 yet/);
  });

  test('an interruption in the middle, and a reader that has enough', async () => {
    const interruption = new AbortController();
    await using live = await open({ access, signal: interruption.signal });
    for await (const page of live.pages()) {
      expect(page.length).toBeGreaterThan(0);
      break;
    }
    const reading = readAll(live, async () => interruption.abort(new InterruptedError()));
    await expect(reading).rejects.toThrow(InterruptedError);
  });
});

test('a member that is killed in the middle: another goes on at the same revision', async () => {
  await using etcd = await startEtcd({ members: 3 });
  await using client = await WireClient.connect({ endpoints: etcd.endpoints, requestTimeoutMs: 30_000 });
  const names = await fill(client, '/many/', KEYS);
  const proxies = await Promise.all(etcd.members.map(({ clientPort }) => startTcpProxy(clientPort)));
  try {
    const access = { endpoints: proxies.map(({ address }) => `http://${address}`) };
    await using live = await open({ access });
    const { revision } = live.origin;
    const { keys } = await readAll(live, async () => {
      const used = proxies.findIndex(({ connections }) => connections > 0);
      await etcd.members[used]!.kill();
      // Two of three go on.
      await vi.waitFor(() => client.put('/zz/later', 'x'), { timeout: 60_000, interval: 100 });
    });
    expect(keys).toEqual(names);
    expect(live.origin.revision).toBe(revision);
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  }
});

test('no member answers any more: it fails, and says where', async () => {
  await using etcd = await startEtcd();
  await using client = await WireClient.connect({ endpoints: etcd.endpoints });
  await fill(client, '/many/', KEYS);
  await using live = await open({ access: { endpoints: etcd.endpoints }, patienceMs: 500 });
  const reading = readAll(live, () => etcd.members[0]!.kill());
  await expect(reading).rejects.toThrow(OperationError);
  await expect(reading).rejects.toMatchObject({ where: etcd.endpoints[0] });
});

test('a member that has not got so far yet is asked again', async () => {
  await using etcd = await startEtcd();
  await using client = await WireClient.connect({ endpoints: etcd.endpoints });
  const { header } = await client.put('/a', 'old');
  const states: string[] = [];
  await using other = await WireClient.connect({ endpoints: etcd.endpoints }, undefined, ({ kind }) => {
    states.push(kind);
  });
  const reader = new RangeReader(other, { timeoutMs: 30_000, signal: new AbortController().signal });
  const page = new RangePage();
  const reading = reader.read({ key: '/a', revision: header.revision + 1, serializable: true }, page, 1 << 20);
  // The member was asked in vain, and left for the next.
  await vi.waitFor(() => expect(states).toContain('disconnected'), { timeout: 30_000, interval: 10 });
  await client.put('/a', 'new');
  expect(await reading).toEqual({ kind: 'read' });
  expect(recordsOf(page)).toMatchObject([{ value: Buffer.from('new'), modRevision: header.revision + 1 }]);
});

test('with users: the prefix that was refused is named, and a token that is forgotten is renewed', async () => {
  await using etcd = await startEtcd();
  let names: string[];
  {
    await using client = await WireClient.connect({ endpoints: etcd.endpoints, requestTimeoutMs: 30_000 });
    names = await fill(client, '/a/', KEYS);
    const lease = await client.leaseGrant(3600);
    await client.put(names[0]!, 'leased', { lease: lease.id });
    await client.put('/b/1', 'x');
  }
  const etcdctl = await findEtcdTool('etcdctl');
  for (const line of [
    'role add root',
    'role add some',
    'role grant-permission --prefix some read /a/',
    'user add root:secret',
    'user add reader:reads',
    'user grant-role root root',
    'user grant-role reader some',
    'auth enable',
  ])
    await promisify(execFile)(etcdctl, [`--endpoints=${etcd.endpoints.join(',')}`, ...line.split(' ')]);
  const access = { endpoints: etcd.endpoints, auth: { user: 'reader', password: 'reads' } };
  await using live = await open({ access, prefixes: [Buffer.from('/a/')], withTtl: true });
  // Tokens live in the member's memory.
  const { keys } = await readAll(live, () => etcd.members[0]!.restart());
  expect(keys).toEqual(names);
  expect(live.ttls.size).toBe(1);
  const refused = open({ access, prefixes: [Buffer.from('/a/'), Buffer.from('/b/')] });
  await expect(refused).rejects.toThrow("reader may not read the keys below '/b/'");
  await expect(refused).rejects.toThrow(OperationError);
  await expect(open({ access })).rejects.toThrow('reader may not read all keys');
});
