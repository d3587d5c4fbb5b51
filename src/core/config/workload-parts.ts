import type { WorkloadParts } from '../workload/index.ts';
import { parseDuration } from './parse-duration.ts';
import type { WorkloadFile } from './workload-schema.ts';

/** What a workload file says, in the units of a workload. */
export function workloadParts(file: WorkloadFile): WorkloadParts {
  const { valueBytes, load, subtreeChurn, valueChurn, reads, watches, leases } = file;
  return {
    pattern: file.pattern,
    rules: file.rules,
    valueBytes: typeof valueBytes === 'number' ? { min: valueBytes, max: valueBytes } : valueBytes,
    keysPerCombination: file.keysPerCombination,
    load: load === 'off' ? load : load && { ratePerSec: ratePerSec(load.rate) },
    subtreeChurn: subtreeChurn && {
      level: subtreeChurn.level,
      percent: subtreeChurn.percent,
      ratePerSec: ratePerSec(subtreeChurn.rate),
    },
    valueChurn: valueChurn && { ratePerSec: ratePerSec(valueChurn.rate) },
    reads: reads && {
      level: reads.level,
      ratePerSec: ratePerSec(reads.rate),
      keysOnly: reads.keysOnly,
      serializable: reads.serializable,
      full: reads.full,
    },
    watches: watches && {
      perLevel: watches.perLevel,
      prefix: watches.prefix,
      rereadIntervalMs: milliseconds(watches.rereadInterval),
    },
    leases: leases && {
      count: leases.count,
      ttlSeconds: leases.ttl === undefined ? undefined : parseDuration(leases.ttl) / 1000,
      rampMs: milliseconds(leases.ramp),
    },
    verification: file.verification,
    connections: file.connections,
    clients: file.clients,
    timeoutMs: milliseconds(file.timeout),
    reconnectAfter: file.reconnectAfter,
    durationMs: milliseconds(file.duration),
    seed: file.seed,
  };
}

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** `7920/h` is 2.2. */
function ratePerSec(rate: string | undefined): number | undefined {
  if (rate === undefined) return undefined;
  const [number, unit] = rate.split('/');
  return Number(number) / SECONDS[unit as keyof typeof SECONDS];
}

function milliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}
