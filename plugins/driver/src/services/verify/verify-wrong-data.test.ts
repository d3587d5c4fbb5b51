import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openSpace, WORKLOAD } from '../../testing/driver-space.ts';
import { openTreeWatches } from '../watches/open-tree-watches.ts';
import { WatchedNodes } from '../watches/watched-nodes.ts';
import { openVerifier, type Verifier } from './open-verifier.ts';
import { keyBytes } from './read-key.ts';

const WAIT = { timeout: 40_000, interval: 20 };
const { signal } = new AbortController();
let cluster: TestCluster;
let client: WireClient;
beforeAll(async () => {
  cluster = await startEtcd({ members: 3 });
  client = await WireClient.connect({ endpoints: cluster.endpoints });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});

/** A driver of 40 keys, one request after the other, and what others do to its keys. */
class SmallDriver implements AsyncDisposable {
  readonly verifier: Verifier;
  #writes: number;

  constructor(root: string, { firstWrite = 0, samplePercent = 100 } = {}) {
    this.verifier = openVerifier({
      access: { endpoints: cluster.endpoints },
      space: openSpace(`/${root}/%a-%d[4]/%leaf-%02d[10];[0-9]{30,60}`),
      verification: { samplePercent },
      seed: WORKLOAD.seed,
      firstWrite,
      timeoutMs: 5000,
      readsPerSec: 200,
      silenceMs: 1000,
    });
    this.#writes = firstWrite;
  }

  /** The number of its next write. */
  get next(): number {
    return this.#writes;
  }

  key(key: number): Buffer {
    return keyBytes(this.verifier.space, key);
  }

  name(key: number): string {
    return this.key(key).toString();
  }

  value(key: number, write: number): Buffer {
    const bytes = Buffer.alloc(60);
    return bytes.subarray(0, this.verifier.space.values.write(bytes, 0, key, write));
  }

  /** Its revision. */
  async put(key: number): Promise<number> {
    const { observer } = this.verifier;
    const write = this.#writes++;
    observer.onPutSent(key, write);
    const { header } = await client.put(this.key(key), this.value(key, write));
    observer.onPutEnded(key, write, 'ok', header.revision, performance.now());
    return header.revision;
  }

  /** Not sent to anybody, whatever its outcome. */
  pretendPut(key: number, outcome: 'ok' | 'fail' | 'unknown', revision = 0): number {
    const write = this.#writes++;
    this.verifier.observer.onPutSent(key, write);
    this.verifier.observer.onPutEnded(key, write, outcome, revision, performance.now());
    return write;
  }

  async deleteAll(from: number, to: number): Promise<number> {
    const { observer } = this.verifier;
    observer.onDeleteSent(from, to);
    const keys = Array.from({ length: to - from }, (_, index) => this.key(from + index));
    const { header } = await client.txn({ success: keys.map((key) => ({ kind: 'delete', key })) });
    observer.onDeleteEnded(from, to, 'ok', header.revision, performance.now());
    return header.revision;
  }

  async load(to: number): Promise<void> {
    await this.verifier.prepare(signal);
    for (let key = 0; key < to; key += 1) await this.put(key);
  }

  async read(key: number) {
    return (await client.range(this.key(key))).kvs[0]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.verifier[Symbol.asyncDispose]();
  }
}

const revisionNow = async () => (await client.range('x', { countOnly: true })).header.revision;

/** Watchers told so many; what is known then does not depend on who is quicker, they or the reading. */
async function eventsCome(driver: SmallDriver, events: number): Promise<void> {
  await vi.waitFor(async () => {
    const { checkedEvents } = await driver.verifier.conclude(AbortSignal.abort());
    expect(checkedEvents).toBe(events);
  }, WAIT);
}

/** What others do, and what is to be found: key, kind, revision and what its detail says. */
type Expected = { key: number; kind: string; revision: number; detail: RegExp };

/** All that can be seen by looking at the keys. */
async function spoil(driver: SmallDriver): Promise<Expected[]> {
  const put = async (key: number, value: Buffer | string) => (await client.put(driver.key(key), value)).header.revision;
  const older = (await driver.read(8)).value;
  await driver.put(8);
  const corrupted = Buffer.from((await driver.read(10)).value);
  corrupted[3]! ^= 1;
  const last = (await driver.read(12)).value;
  const otherKey = (await driver.read(13)).value;
  const refused = driver.pretendPut(16, 'fail');
  const lost = (await revisionNow()) + 1000;
  const never = driver.pretendPut(18, 'ok', lost);
  await driver.deleteAll(20, 22);
  return [
    { key: 2, kind: 'foreign-write', revision: await put(2, 'x'), detail: /a value that is none of ours/ },
    {
      key: 8,
      kind: 'foreign-write',
      revision: await put(8, older),
      detail: /value of write 8, .* revision of none of/,
    },
    { key: 10, kind: 'wrong-value', revision: await put(10, corrupted), detail: /says it is write 10, the checksum/ },
    { key: 12, kind: 'foreign-write', revision: await put(12, last), detail: /write 12, acknowledged with revision/ },
    { key: 14, kind: 'foreign-write', revision: await put(14, otherKey), detail: /a value that is none of ours/ },
    { key: 16, kind: 'foreign-write', revision: await put(16, driver.value(16, refused)), detail: /value of write/ },
    { key: 18, kind: 'stale-value', revision: lost, detail: new RegExp(`gave revision .*write ${never}, known since`) },
    {
      key: 21,
      kind: 'foreign-write',
      revision: await put(21, 'x'),
      detail: /a value that is none of ours; .* a delete/,
    },
    { key: 38, kind: 'extra-key', revision: await put(38, 'x'), detail: /never wrote it/ },
    { key: 39, kind: 'extra-key', revision: await put(39, otherKey), detail: /never wrote it/ },
  ];
}

function expectFound(
  driver: SmallDriver,
  report: Awaited<ReturnType<Verifier['conclude']>>,
  expected: Expected[],
): void {
  const found = report.findings.map(({ key, kind, revision }) => `${key} ${kind} ${revision}`);
  expect(found.toSorted()).toEqual(
    expected.map(({ key, kind, revision }) => `${driver.name(key)} ${kind} ${revision}`).toSorted(),
  );
  for (const { key, kind, detail } of expected) {
    const finding = report.findings.find((one) => one.key === driver.name(key) && one.kind === kind)!;
    expect(finding.detail).toMatch(detail);
    expect(Math.abs(Date.parse(finding.at) - Date.now())).toBeLessThan(60_000);
  }
  expect(report.verdict).toBe('faulty');
  const counts = Object.values(report.counts).reduce((sum, count) => sum + count, 0);
  expect(counts).toBe(expected.length);
}

test('at the end: what others wrote, deleted and spoilt, and what etcd never got', async () => {
  await using driver = new SmallDriver('wrong-at-end');
  await driver.load(38);
  const expected = await spoil(driver);
  const deleted = (await driver.read(5)).modRevision;
  await client.deleteRange(driver.key(5));
  expected.push({ key: 5, kind: 'missing-key', revision: deleted, detail: /isn't there: write 5, known since 20/ });
  expectFound(driver, await driver.verifier.conclude(signal), expected);
});

test('by watchers: the same, and each once, however many watch', async () => {
  await using driver = new SmallDriver('wrong-watched');
  await driver.load(38);
  const { space } = driver.verifier;
  const nodes = new WatchedNodes(space, { perLevel: [2, 'every', 'every'], prefix: true, rereadIntervalMs: undefined });
  const access = { endpoints: cluster.endpoints };
  const observer = driver.verifier.openWatches(nodes, () => true);
  await using watches = openTreeWatches({ access, space, nodes, connections: 2, observer });
  await watches.prepare(signal);
  const expected = await spoil(driver);
  const { header } = await client.deleteRange(driver.key(5));
  expected.push({ key: 5, kind: 'foreign-write', revision: header.revision, detail: /deleted by none of ours/ });
  // 10 puts, 2 deletes and that one, each seen by 4 watchers.
  await eventsCome(driver, 52);
  // Its acknowledgement is a lie: there is no event, either.
  const lost = expected.find(({ key }) => key === 18)!.revision;
  expected.push({ key: 18, kind: 'lost-event', revision: lost, detail: /never told to 4 of 4 watchers/ });
  expectFound(driver, await driver.verifier.conclude(signal), expected);
});

test('while it goes on: sampled reads see it first', async () => {
  await using driver = new SmallDriver('wrong-sampled');
  await driver.load(40);
  const sampling = new AbortController();
  const reads = driver.verifier.sampleReads(sampling.signal);
  const revision = (await client.put(driver.key(7), 'x')).header.revision;
  const { findings } = await vi.waitFor(async () => {
    const report = await driver.verifier.conclude(AbortSignal.abort());
    expect(report.findings).toHaveLength(1);
    return report;
  }, WAIT);
  expect(findings[0]).toMatchObject({ key: driver.name(7), kind: 'foreign-write', revision });
  sampling.abort();
  await reads;
});

test('writes without an answer: there or not, sooner or later, all is right; twice is not', async () => {
  await using driver = new SmallDriver('unknown');
  await driver.load(40);
  const revisions = new Map<number, number>();
  const arrive = async (key: number, write: number) => {
    const { header } = await client.put(driver.key(key), driver.value(key, write));
    revisions.set(key, header.revision);
  };
  driver.pretendPut(0, 'unknown');
  await arrive(1, driver.pretendPut(1, 'unknown'));
  // After a later write of its key was acknowledged.
  const late = driver.pretendPut(2, 'unknown');
  await driver.put(2);
  await arrive(2, late);
  const { observer } = driver.verifier;
  observer.onDeleteSent(10, 12);
  observer.onDeleteEnded(10, 12, 'unknown', 0, performance.now());
  await client.deleteRange(driver.key(10));
  const clean = await driver.verifier.conclude(signal);
  expect(clean).toMatchObject({ verdict: 'clean', findings: [], unknownWrites: 4 });
  // It happened, so it can't happen again.
  await arrive(2, late);
  const report = await driver.verifier.conclude(signal);
  expect(report.findings).toMatchObject([
    { kind: 'wrong-revision', key: driver.name(2), revision: revisions.get(2)!, detail: /it was at revision/ },
  ]);
});

test('a delete without an answer that watchers saw is over: another one is not ours', async () => {
  await using driver = new SmallDriver('seen-delete');
  await driver.load(40);
  const { verifier } = driver;
  const { space } = verifier;
  const nodes = new WatchedNodes(space, { perLevel: [0, 'every'], prefix: true, rereadIntervalMs: undefined });
  const access = { endpoints: cluster.endpoints };
  const observer = verifier.openWatches(nodes, () => true);
  await using watches = openTreeWatches({ access, space, nodes, connections: 1, observer });
  await watches.prepare(signal);
  verifier.observer.onDeleteSent(10, 20);
  verifier.observer.onDeleteEnded(10, 20, 'unknown', 0, performance.now());
  await client.txn({ success: [{ kind: 'delete', key: `/seen-delete/a-1/`, prefix: true }] });
  await eventsCome(driver, 10);
  for (const key of [12, 13]) await driver.put(key);
  expect(await verifier.conclude(signal)).toMatchObject({ verdict: 'clean', unknownWrites: 1 });
  const { header } = await client.deleteRange(driver.key(12));
  await eventsCome(driver, 13);
  const { findings } = await verifier.conclude(signal);
  expect(findings).toMatchObject([{ kind: 'foreign-write', key: driver.name(12), revision: header.revision }]);
});

test('keys that were there before, and writes of the process before this one', async () => {
  const root = 'before';
  {
    await using before = new SmallDriver(root);
    await before.load(20);
    await client.put(before.key(20), 'of somebody');
  }
  await using driver = new SmallDriver(root, { firstWrite: 100 });
  await driver.verifier.prepare(signal);
  // In flight when that process was killed.
  await client.put(driver.key(3), driver.value(3, 99));
  for (const key of [4, 5]) await driver.put(key);
  await driver.deleteAll(6, 8);
  expect(await driver.verifier.conclude(signal)).toMatchObject({ verdict: 'clean', findings: [], checkedWrites: 4 });
  const deletion = await driver.deleteAll(4, 5);
  await client.put(driver.key(4), driver.value(4, 104));
  const { findings } = await driver.verifier.conclude(signal);
  expect(findings).toMatchObject([{ kind: 'foreign-write', key: driver.name(4), revision: deletion + 1 }]);
});

test('a sample: what is wrong with its keys is found, and nothing is said of others', async () => {
  await using driver = new SmallDriver('sampled', { samplePercent: 25 });
  await driver.load(40);
  const revisions: number[] = [];
  for (let key = 0; key < 40; key += 1) revisions.push((await client.put(driver.key(key), 'x')).header.revision);
  const report = await driver.verifier.conclude(signal);
  expect(report).toMatchObject({ followedKeys: 10, ofKeys: 40, readAtEnd: 10, counts: { 'foreign-write': 10 } });
  for (const { key, revision } of report.findings) {
    const number = Array.from({ length: 40 }).findIndex((_, index) => driver.name(index) === key);
    expect(revision).toBe(revisions[number]);
  }
});

test('broken off: incomplete, and why', async () => {
  await using driver = new SmallDriver('broken-off');
  await driver.load(10);
  expect(await driver.verifier.conclude(AbortSignal.abort())).toMatchObject({
    verdict: 'incomplete',
    why: ['only 0 of 40 keys were read at the end: interrupted'],
  });
});
