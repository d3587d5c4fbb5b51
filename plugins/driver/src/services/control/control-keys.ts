const ROOT = '/etcdperf/drivers';

/** All registered drivers, of every end key. */
export const ALL_LIVE = `${ROOT}/live/`;

/** What the keys of one driver are: where it registers, keeps its state and confirms that it ended. */
export interface ControlKeys {
  readonly live: string;
  readonly state: string;
  readonly done: string;
}

export type ControlKind = keyof ControlKeys;

/** What all drivers that end by one key have in common. */
export function controlPrefix(kind: ControlKind, endKey: string): string {
  return `${ROOT}/${kind}/${encodeURIComponent(endKey)}/`;
}

export function controlKeys(endKey: string, name: string): ControlKeys {
  const keyOf = (kind: ControlKind) => controlPrefix(kind, endKey) + encodeURIComponent(name);
  return { live: keyOf('live'), state: keyOf('state'), done: keyOf('done') };
}
