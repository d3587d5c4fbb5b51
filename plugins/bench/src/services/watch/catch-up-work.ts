import type { Finding, LoadReport } from '@etcdperf/core/load';
import { makeValueSource, type ValueKind } from '@etcdperf/core/workload';
import { operationModule } from '../../operations/operation-module.ts';
import type { RangeOperationOptions } from '../../operations/range-operation.ts';
import { connectWire } from '../connect-wire.ts';
import { rangeCleaner } from '../key-cleaner.ts';
import type { BenchSite, BenchWork } from '../run-bench.ts';
import { CatchUpLoad } from './catch-up-load.ts';
import { ownKeys } from './own-keys.ts';
import { tellTroubled } from './tell-troubled.ts';
import { WatchKeySpace } from './watch-keys.ts';
import { planKeyWatchers } from './watch-plan.ts';
import type { WatchExtra } from './watch-work.ts';
import { writeHistory } from './write-history.ts';

export interface CatchUpWorkOptions {
  readonly prefix: string;
  readonly watchers: number;
  readonly connections: number;
  readonly streams: number;
  /** How often the key is put before it is watched. */
  readonly events: number;
  readonly values: ValueKind;
  readonly valueBytes: number;
}

/** Watchers that all begin with the first revision of a key, and serializable reads of it beside them. */
export function catchUpWork(options: CatchUpWorkOptions): BenchWork<WatchExtra & { findings: readonly Finding[] }> {
  const { prefix, watchers, connections, streams, events, values, valueBytes } = options;
  const keys = new WatchKeySpace({ prefix, levels: [1], digits: 1 });
  const cleaner = rangeCleaner(ownKeys(keys));
  let revisions: number[] = [];
  let load: CatchUpLoad | undefined;
  return {
    async prepare(site: BenchSite) {
      await cleaner.prepare(site);
      site.onStep(`writing ${events} revisions`);
      await using client = await connectWire(site.access, site.signal);
      const source = makeValueSource(values, valueBytes, site.settings.plan.seed);
      revisions = await writeHistory(client, keys.key(0), source, events, site.signal);
    },
    load({ access, settings }: BenchSite) {
      const read: RangeOperationOptions = {
        subject: { kind: 'fixed', range: { key: keys.key(0).toString() } },
        limit: 0,
        isSerializable: true,
        isKeysOnly: false,
        isCountOnly: false,
      };
      load = new CatchUpLoad({
        access,
        plan: settings.plan,
        requests: { kind: 'operation', module: operationModule('range-operation'), options: read },
        watch: planKeyWatchers(keys, [0], watchers, { startRevision: revisions[0]! }),
        revisions,
        connections,
        streams,
      });
      return load;
    },
    async conclude({ run }: BenchSite, report: LoadReport) {
      if (load === undefined) throw new Error('a load was measured, so it was made');
      const made = load;
      const watch = tellTroubled(run, (tell) => made.figures(tell));
      const { gaps } = watch.breaks;
      if (gaps === 0) return { watch, findings: report.findings };
      const message =
        `etcd compacted the history, revisions ${revisions[0]} to ${revisions.at(-1)}, under ${gaps} watches: ` +
        'they began with what was left';
      return { watch, findings: [...report.findings, { kind: 'other', message }] };
    },
    cleanUp: cleaner.cleanUp,
  };
}
