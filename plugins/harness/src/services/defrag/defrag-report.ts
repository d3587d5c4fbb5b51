/** What a defragmentation did. */
export interface DefragReport {
  readonly cluster: string | undefined;
  readonly outcome: DefragOutcome;
  /** What was compacted, if that was asked for. */
  readonly compaction: Compaction | undefined;
  /** In the order in which they were worked on; those that were not come last. */
  readonly members: readonly DefragMember[];
  /** What the user should know beside. */
  readonly notes: readonly string[];
}

export type DefragOutcome =
  | { readonly kind: 'done' }
  /** Nothing was touched. */
  | { readonly kind: 'refused'; readonly reason: string; readonly hint?: string | undefined }
  /** It went so far and no further; what was done is well. */
  | { readonly kind: 'failed'; readonly reason: string; readonly hint?: string | undefined }
  | { readonly kind: 'interrupted' };

export type Compaction =
  | { readonly kind: 'compacted'; readonly revision: number }
  /** There was nothing to be forgotten. */
  | { readonly kind: 'needless'; readonly revision: number };

export interface DefragMember {
  readonly name: string;
  readonly endpoint: string;
  readonly result: DefragResult;
}

export type DefragResult =
  | {
      readonly kind: 'defragmented';
      /** The database file, before and after. */
      readonly beforeBytes: number;
      readonly afterBytes: number;
      /** How long the member answered nobody. */
      readonly ms: number;
      /** It led, and went on leading. */
      readonly asLeader: boolean;
    }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not begun' };
