import { InputError } from '../errors/index.ts';
import type { HeldLeases, RangeReads, SubtreeChurn, TreeWatches, Verification, Workload } from './workload.ts';
import type { WorkloadParts } from './workload-parts.ts';

/**
 * A whole workload: what is not said gets its default. A part that makes sense only at a rate, or with a count, is off as
 * long as none is said; loading is on until it is turned off. Throws InputError where there is no pattern, or sizes
 * contradict each other.
 */
export function completeWorkload(parts: WorkloadParts): Workload {
  if (parts.pattern === undefined) {
    throw new InputError('there is no pattern to make keys from', {
      hint: "--pattern '/prefix/%key-%04d[1000];#100', or a workload file",
    });
  }
  const { load, valueChurn } = parts;
  return {
    pattern: parts.pattern,
    rules: parts.rules ?? {},
    valueBytes: valueBytes(parts.valueBytes),
    keysPerCombination: parts.keysPerCombination ?? 1,
    load: load === 'off' ? undefined : { ratePerSec: load?.ratePerSec },
    subtreeChurn: subtreeChurn(parts.subtreeChurn),
    valueChurn:
      valueChurn === 'off' || valueChurn?.ratePerSec === undefined ? undefined : { ratePerSec: valueChurn.ratePerSec },
    reads: reads(parts.reads),
    watches: watches(parts.watches),
    leases: leases(parts.leases),
    verification: verification(parts.verification),
    connections: parts.connections ?? 1,
    clients: parts.clients ?? 1,
    timeoutMs: parts.timeoutMs ?? 10_000,
    reconnectAfter: parts.reconnectAfter ?? 0,
    durationMs: parts.durationMs,
    seed: parts.seed ?? 1,
  };
}

function valueBytes(said: WorkloadParts['valueBytes']): Workload['valueBytes'] {
  if (said === undefined || said === 'off') return undefined;
  const { min = said.max ?? 0, max = min } = said;
  if (min <= max) return { min, max };
  throw new InputError(`values of at least ${min} and at most ${max} bytes can't be`, { where: 'valueBytes' });
}

function subtreeChurn(said: WorkloadParts['subtreeChurn']): SubtreeChurn | undefined {
  if (said === undefined || said === 'off' || said.ratePerSec === undefined) return undefined;
  return { level: said.level ?? 1, percent: said.percent ?? 10, ratePerSec: said.ratePerSec };
}

function reads(said: WorkloadParts['reads']): RangeReads | undefined {
  if (said === undefined || said === 'off' || said.ratePerSec === undefined) return undefined;
  return {
    level: said.level ?? 1,
    ratePerSec: said.ratePerSec,
    keysOnly: said.keysOnly ?? false,
    serializable: said.serializable ?? false,
    full: said.full ?? false,
  };
}

function watches(said: WorkloadParts['watches']): TreeWatches | undefined {
  if (said === undefined || said === 'off') return undefined;
  const perLevel = said.perLevel ?? [];
  if (perLevel.every((count) => count === 0)) return undefined;
  return { perLevel, prefix: said.prefix ?? false, rereadIntervalMs: said.rereadIntervalMs };
}

function leases(said: WorkloadParts['leases']): HeldLeases | undefined {
  if (said === undefined || said === 'off' || said.count === undefined || said.count === 0) return undefined;
  return { count: said.count, ttlSeconds: said.ttlSeconds ?? 2000, rampMs: said.rampMs ?? 0 };
}

function verification(said: WorkloadParts['verification']): Verification | undefined {
  return said === undefined || said === 'off' ? undefined : { samplePercent: said.samplePercent ?? 100 };
}
