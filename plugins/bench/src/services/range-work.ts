import { OperationError } from '@etcdperf/core/errors';
import type { Finding } from '@etcdperf/core/load';
import { operationModule } from '../operations/operation-module.ts';
import type { PatternKeyOptions } from '../operations/pattern-keys.ts';
import { openSource } from '../operations/pattern-keys.ts';
import type { PatternRangeOptions } from '../operations/pattern-range-operation.ts';
import type { RangeOperationOptions, RangeSubject } from '../operations/range-operation.ts';
import type { RangePagesOptions } from '../operations/range-pages-scenario.ts';
import type { RangeStreamOptions } from '../operations/range-stream-scenario.ts';
import { type InspectedKeys, inspectKeys, inspectRange } from './inspect-keys.ts';
import type { BenchSite, BenchWork } from './run-bench.ts';
import { rangeOfPattern } from './written-keys.ts';

/** Single keys of a pattern, too. */
export interface RangeWorkOptions extends Omit<RangeOperationOptions, 'subject'> {
  readonly subject: RangeSubject | ({ readonly kind: 'pattern' } & PatternKeyOptions);
}

/** Reads of a range or of single keys, one request each. */
export function rangeWork(options: RangeWorkOptions): BenchWork {
  const { subject, ...how } = options;
  if (subject.kind === 'pattern') return patternRangeWork({ ...how, ...subject });
  const load = { kind: 'operation', module: operationModule('range-operation'), options: { ...how, subject } } as const;
  if (subject.kind === 'fixed') return { load, expects: { reads: subject.range } };
  const { keys } = subject;
  return { load, expects: { keySpaceSize: keys.size }, inspect: (site) => inspectKeys(site, keys) };
}

function patternRangeWork(options: PatternRangeOptions): BenchWork {
  const space = openSource(options.pattern);
  const { key, rangeEnd } = rangeOfPattern(space);
  const inspected: InspectedKeys = {
    key,
    rangeEnd,
    size: space.size,
    place: `of the pattern below '${key}'`,
    hint: `etcdperf bench:put --sequential-keys --total ${space.size}, with the same --pattern`,
  };
  return {
    load: { kind: 'operation', module: operationModule('pattern-range-operation'), options },
    expects: { keySpaceSize: space.size },
    inspect: (site) => inspectRange(site, inspected),
  };
}

/** Reads of a range in pages. */
export function rangePagesWork(options: RangePagesOptions): BenchWork {
  return {
    load: { kind: 'scenario', module: operationModule('range-pages-scenario'), options },
    expects: { reads: options.range },
  };
}

/** Reads of a range that etcd sends in pieces; etcd 3.7 and later can. */
export function rangeStreamWork(options: RangeStreamOptions): BenchWork {
  return {
    load: { kind: 'scenario', module: operationModule('range-stream-scenario'), options },
    expects: { reads: options.range },
    inspect: requireRangeStream,
  };
}

async function requireRangeStream({ access, survey }: BenchSite): Promise<readonly Finding[]> {
  for (const { endpoint, status } of survey.members) {
    if (status.kind === 'down' || !access.endpoints.includes(endpoint)) continue;
    const [major = 0, minor = 0] = status.version.split('.').map(Number);
    if (major * 1000 + minor < 3007)
      throw new OperationError(`etcd ${status.version} has no RangeStream: it came with 3.7`, {
        where: endpoint,
        hint: 'read without --stream, or in pages with --paginate',
      });
  }
  return [];
}
