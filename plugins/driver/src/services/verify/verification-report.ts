/** What can be wrong with what a cluster holds, answers or tells its watchers. */
export type FindingKind =
  /** A put was acknowledged, nothing deleted the key, and it isn't there. */
  | 'missing-key'
  /** A read gave something older than what was acknowledged before it began. */
  | 'stale-value'
  /** A write is there at another revision than the one it was acknowledged with. */
  | 'wrong-revision'
  /** A delete was acknowledged, nothing was put since, and the key is there. */
  | 'undeleted-key'
  /** The checksum in the value doesn't fit the rest of it. */
  | 'wrong-value'
  /** A whole value or a delete that no write of this driver can have left there. */
  | 'foreign-write'
  /** A key of the pattern that this driver never wrote. */
  | 'extra-key'
  /** A watcher never got an event, although it got later ones. */
  | 'lost-event'
  | 'duplicate-event'
  | 'reordered-event'
  /** An event says something else than what was acknowledged with its revision. */
  | 'wrong-event';

export interface VerificationFinding {
  readonly kind: FindingKind;
  readonly key: string;
  /** Where it was seen, or of the acknowledgement that is missing; 0 where there is none. */
  readonly revision: number;
  /** When it was noticed, ISO 8601. */
  readonly at: string;
  readonly detail: string;
}

/** What watchers could not be told: etcd had compacted it away. */
export interface VerificationGap {
  readonly watcher: number;
  /** Both inclusive. */
  readonly fromRevision: number;
  readonly toRevision: number;
  readonly at: string;
}

/** Whether etcd kept its promises to one driver. Plain data. */
export interface VerificationReport {
  /** `incomplete`: nothing wrong was found, and not all could be looked at: `why`. */
  readonly verdict: 'clean' | 'faulty' | 'incomplete';
  readonly why: readonly string[];
  /** All keys, or as many as the sample and the memory allow. */
  readonly followedKeys: number;
  readonly ofKeys: number;
  /** Acknowledged writes of followed keys. */
  readonly checkedWrites: number;
  /** Reads during the run. */
  readonly checkedReads: number;
  /** Followed keys that were read at the end. */
  readonly readAtEnd: number;
  /** Events of followed keys, each watcher's counted. */
  readonly checkedEvents: number;
  /** Puts and deletes of followed keys without an answer: whether they happened or not, both is right. */
  readonly unknownWrites: number;
  /** The first ones; all are in `counts`. */
  readonly findings: readonly VerificationFinding[];
  readonly counts: Readonly<Partial<Record<FindingKind, number>>>;
  readonly gaps: { readonly count: number; readonly first: readonly VerificationGap[] };
}
