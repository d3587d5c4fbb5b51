/** What became of one member's data. */
export type MemberRestore =
  /** Of a dry run. */
  | { readonly kind: 'would restore'; readonly argv: readonly string[] }
  /** The snapshot's data is in place; `hashKv` once the member has told it. */
  | { readonly kind: 'restored'; readonly hashKv: number | undefined }
  /** As it was before. */
  | { readonly kind: 'untouched' | 'put back' };

export interface RestoredMember {
  readonly name: string;
  readonly host: string;
  readonly endpoint: string;
  readonly dataDir: string;
  /** It ran, and is (or would be) stopped for it. */
  readonly ran: boolean;
  /** Where the data that it had is kept; undefined where it had none, or has it still. */
  readonly setAside: string | undefined;
  readonly result: MemberRestore;
}

export interface RestoreReport {
  readonly cluster: string;
  readonly version: string;
  readonly snapshot: {
    readonly file: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly revision: number;
    readonly versions: number;
    /** Of the cluster that it was taken from, at its revision; undefined where no manifest says it. */
    readonly hashKv: number | undefined;
  };
  readonly outcome: /** It runs, all members have the same hash, and the snapshot's where that is known. */
    | { readonly kind: 'restored' }
    /** The data is in place; nothing was started. */
    | { readonly kind: 'in place' }
    | { readonly kind: 'planned' }
    | { readonly kind: 'failed'; readonly reason: string; readonly hint?: string | undefined };
  readonly members: readonly RestoredMember[];
  /** The name of the member that leads. */
  readonly leader: string | undefined;
  readonly notes: readonly string[];
  /** From the moment that the first member was stopped until the cluster was healthy; undefined where none ran. */
  readonly downMs: number | undefined;
  readonly durationMs: number;
}
