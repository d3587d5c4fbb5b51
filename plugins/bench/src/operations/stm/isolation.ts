/** How transactions that run at the same time see each other: the levels of etcd's client, by its names for them. */
export type Isolation = 'read-committed' | 'repeatable-reads' | 'serializable' | 'serializable-snapshot';

/** What a level does. */
export interface IsolationRules {
  /**
   * `member`: each key as the connected member has it at that moment, perhaps from the past. `snapshot`: the first read
   * is linearizable, and all others are of its revision.
   */
  readonly reads: 'member' | 'snapshot';
  /** Nothing is committed unless all that was read is unchanged. */
  readonly guardsReads: boolean;
  /** Nor unless what is written, read or not, is as old as the first read. */
  readonly guardsWrites: boolean;
}

export const ISOLATIONS: Readonly<Record<Isolation, IsolationRules>> = {
  'read-committed': { reads: 'member', guardsReads: false, guardsWrites: false },
  'repeatable-reads': { reads: 'member', guardsReads: true, guardsWrites: false },
  serializable: { reads: 'snapshot', guardsReads: true, guardsWrites: false },
  'serializable-snapshot': { reads: 'snapshot', guardsReads: true, guardsWrites: true },
};

/** The letters that etcd's benchmark knows them by. */
export const ISOLATION_LETTERS = {
  c: 'read-committed',
  r: 'repeatable-reads',
  s: 'serializable',
  ss: 'serializable-snapshot',
} as const satisfies Readonly<Record<string, Isolation>>;
