import { durationFlag, Flags } from '@etcdperf/core/cli';
import type { FaultKind, FaultSpec } from '../services/fault/fault-spec.ts';

/** What a fault of one kind or another is like. */
export const faultFlags = {
  from: Flags.option({
    description: 'cut: from whom (default: all)',
    options: ['peers', 'clients', 'all'] as const,
  })(),
  direction: Flags.option({
    description: 'cut: what reaches it, what it sends, or both (default)',
    options: ['in', 'out', 'both'] as const,
  })(),
  delay: durationFlag({ description: 'slow-disk: how much longer each fsync takes (strace)' }),
  writes: Flags.integer({
    description: 'slow-disk: how many writes a second are let through (cgroups)',
    helpValue: 'N',
    min: 1,
  }),
  leave: Flags.string({ description: 'fill-disk: how much stays free (default: nothing)', helpValue: '100m' }),
  offset: Flags.string({ description: 'skew: how wrong: + is ahead, - is behind', helpValue: '+5s' }),
};

/** Throws InputError for what doesn't fit the kind, or can't be read. */
export async function faultSpecOf(
  kind: FaultKind,
  flags: {
    readonly from?: 'peers' | 'clients' | 'all' | undefined;
    readonly direction?: 'in' | 'out' | 'both' | undefined;
    readonly delay?: number | undefined;
    readonly writes?: number | undefined;
    readonly leave?: string | undefined;
    readonly offset?: string | undefined;
  },
): Promise<FaultSpec> {
  const [{ faultSpecFrom }, { parseDuration, parseSize }] = await Promise.all([
    import('../services/fault/fault-spec-from.ts'),
    import('../services/lab/parse-amounts.ts'),
  ]);
  return faultSpecFrom(kind, {
    from: flags.from,
    direction: flags.direction,
    delayMs: flags.delay,
    writesPerSec: flags.writes,
    leaveBytes: flags.leave === undefined ? undefined : flags.leave === '0' ? 0 : parseSize(flags.leave),
    offsetMs: flags.offset === undefined ? undefined : parseDuration(flags.offset, 'signed'),
  });
}
