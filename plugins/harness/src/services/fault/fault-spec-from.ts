import { InputError } from '@etcdperf/core/errors';
import type { FaultKind, FaultSpec } from './fault-spec.ts';

/** What can be said of a fault besides its kind; each belongs to one kind. */
export interface FaultSettings {
  readonly from?: 'peers' | 'clients' | 'all' | undefined;
  readonly direction?: 'in' | 'out' | 'both' | undefined;
  readonly delayMs?: number | undefined;
  readonly writesPerSec?: number | undefined;
  readonly leaveBytes?: number | undefined;
  readonly offsetMs?: number | undefined;
}

const BELONGS: Record<keyof FaultSettings, { readonly kind: FaultKind; readonly flag: string }> = {
  from: { kind: 'cut', flag: '--from' },
  direction: { kind: 'cut', flag: '--direction' },
  delayMs: { kind: 'slow-disk', flag: '--delay' },
  writesPerSec: { kind: 'slow-disk', flag: '--writes' },
  leaveBytes: { kind: 'fill-disk', flag: '--leave' },
  offsetMs: { kind: 'skew', flag: '--offset' },
};

const DEFAULT_DELAY_MS = 100;
const DEFAULT_WRITES_PER_SEC = 50;

/** A fault with its defaults. Throws InputError for a setting that doesn't belong to it. */
export function faultSpecFrom(kind: FaultKind, settings: FaultSettings): FaultSpec {
  const foreign = Object.entries(BELONGS).find(
    ([name, { kind: owner }]) => owner !== kind && settings[name as keyof FaultSettings] !== undefined,
  );
  if (foreign !== undefined) {
    const { flag, kind: owner } = foreign[1];
    throw new InputError(`${flag} belongs to ${owner}, not to ${kind}`, { where: flag });
  }
  switch (kind) {
    case 'kill':
    case 'pause':
      return { kind };
    case 'cut':
      return { kind, from: settings.from ?? 'all', direction: settings.direction ?? 'both' };
    case 'slow-disk': {
      const { delayMs, writesPerSec } = settings;
      if (delayMs !== undefined || writesPerSec !== undefined) return { kind, delayMs, writesPerSec };
      return { kind, delayMs: DEFAULT_DELAY_MS, writesPerSec: DEFAULT_WRITES_PER_SEC };
    }
    case 'fill-disk':
      return { kind, leaveBytes: settings.leaveBytes ?? 0 };
    case 'skew':
      if (settings.offsetMs === undefined)
        throw new InputError('by how much?', { where: '--offset', hint: 'such as --offset=+5s or --offset=-200ms' });
      return { kind, offsetMs: settings.offsetMs };
    default:
      return kind satisfies never;
  }
}
