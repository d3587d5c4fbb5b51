import { InputError, OperationError } from '@etcdperf/core/errors';
import { type Finding, type LoadReport, openLoadEngine } from '@etcdperf/core/load';
import type { KeyOptions } from '../operations/key-value-options.ts';
import type { MvccGetOptions } from '../operations/mvcc-get-operation.ts';
import { operationModule } from '../operations/operation-module.ts';
import { connectWire } from './connect-wire.ts';
import { fillHistory, type HistoryOptions } from './fill-history.ts';
import { inspectKeys } from './inspect-keys.ts';
import { keyCleaner } from './key-cleaner.ts';
import { rangeOf } from './key-space.ts';
import { oldestRevision } from './oldest-revision.ts';
import type { BenchSite, BenchWork } from './run-bench.ts';

export interface MvccGetWorkOptions {
  readonly keys: KeyOptions;
  readonly isSerializable: boolean;
  /** Histories to write first; else what is there is read. */
  readonly fill: HistoryOptions | undefined;
  /** Else as old, and as new, as there is. */
  readonly fromRevision: number | undefined;
  readonly toRevision: number | undefined;
}

/** What the report has beyond every other's. */
export interface MvccGetExtra {
  readonly revisions: { readonly from: number; readonly to: number };
  readonly findings: readonly Finding[];
}

export type MvccGetReport = LoadReport & Partial<MvccGetExtra>;

/** Reads of single keys at revisions of the past. */
export function mvccGetWork(options: MvccGetWorkOptions): BenchWork<MvccGetExtra> {
  const { keys, fill, isSerializable } = options;
  const cleaner = keyCleaner(keys.keys);
  let revisions = { from: 0, to: 0 };
  return {
    expects: { keySpaceSize: keys.keys.size },
    async inspect(site) {
      if (fill !== undefined) return [];
      revisions = await findRevisions(site, options);
      return inspectKeys(site, keys.keys);
    },
    async prepare(site) {
      if (fill === undefined) return;
      await cleaner.prepare(site);
      const { fromRevision, toRevision } = await fillHistory(site, keys.keys, fill);
      revisions = { from: fromRevision, to: toRevision };
    },
    load({ access, settings }) {
      const { from: fromRevision, to: toRevision } = revisions;
      const work: MvccGetOptions = { keys, fromRevision, toRevision, isSerializable };
      const module = operationModule('mvcc-get-operation');
      return openLoadEngine({ access, plan: settings.plan, work: { kind: 'operation', module, options: work } });
    },
    async conclude(site, report) {
      await using client = await connectWire(site.settings.access);
      const oldest = await oldestRevision(client, revisions.to, AbortSignal.timeout(30_000));
      if (oldest <= revisions.from) return { revisions, findings: report.findings };
      const message = `etcd was compacted to revision ${oldest} during the run: reads before it failed`;
      return { revisions, findings: [...report.findings, { kind: 'other', message }] };
    },
    cleanUp: cleaner.cleanUp,
  };
}

/** The revisions to read at. Throws where etcd does not have those that are asked for. */
async function findRevisions(site: BenchSite, options: MvccGetWorkOptions): Promise<{ from: number; to: number }> {
  const { signal } = site;
  await using client = await connectWire(site.access, signal);
  const { key, rangeEnd } = rangeOf(options.keys.keys);
  const first = await client.range(key, {
    rangeEnd,
    limit: 1,
    keysOnly: true,
    sort: { by: 'create', order: 'ascend' },
    signal,
  });
  const newest = first.header.revision;
  const oldest = await oldestRevision(client, newest, signal);
  // Before the first key was made there is nothing to find.
  const from = options.fromRevision ?? Math.max(oldest, first.kvs[0]?.createRevision ?? 1);
  const to = options.toRevision ?? newest;
  if (to > newest)
    throw new InputError(`etcd is at revision ${newest}: ${to} is still to come`, { where: '--to-revision' });
  if (from > to) throw new InputError(`there are no revisions from ${from} to ${to}`, { where: '--from-revision' });
  if (from < oldest)
    throw new OperationError(`revision ${from} is compacted away: etcd has ${oldest} and later`, {
      where: site.access.endpoints.join(', '),
      hint: `begin with --from-revision ${oldest}, or leave it out`,
    });
  return { from, to };
}
