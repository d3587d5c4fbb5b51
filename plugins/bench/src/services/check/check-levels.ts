/** etcdctl's names for them; each has a short and a long one. */
export const LEVEL_NAMES = {
  s: 's',
  small: 's',
  m: 'm',
  medium: 'm',
  l: 'l',
  large: 'l',
  xl: 'xl',
  xLarge: 'xl',
} as const;
export type LevelName = (typeof LEVEL_NAMES)[keyof typeof LEVEL_NAMES];

/** What a cluster of that size should bear, as etcdctl sees it. */
export const PERF_LEVELS = {
  s: { ratePerSec: 150, clients: 50 },
  m: { ratePerSec: 1000, clients: 200 },
  l: { ratePerSec: 8000, clients: 500 },
  xl: { ratePerSec: 15_000, clients: 1000 },
} as const satisfies Record<LevelName, unknown>;

/** How many keys a cluster of that size should hold, as etcdctl sees it. */
export const DATASCALE_LEVELS = {
  s: { keys: 10_000, clients: 50 },
  m: { keys: 100_000, clients: 200 },
  l: { keys: 1_000_000, clients: 500 },
  xl: { keys: 3_000_000, clients: 1000 },
} as const satisfies Record<LevelName, unknown>;
