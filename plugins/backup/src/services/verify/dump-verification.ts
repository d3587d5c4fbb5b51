import type { Compression } from '../../formats/compression.ts';
import type { DumpLayout } from '../../formats/dump-layout.ts';

/** Whether a dump is what was written. */
export type DumpVerdict =
  /** All of it is as it was written, and all that was asked for is in it. */
  | { readonly kind: 'whole' }
  /** As it was written; yet the one who wrote it could not get all. */
  | { readonly kind: 'incomplete'; readonly reason: string }
  /** Its rows can be read; nothing tells whether they are all there, and as they were. */
  | { readonly kind: 'unproven'; readonly reason: string }
  | {
      readonly kind: 'damaged';
      readonly reason: string;
      /** `file:line:column`, or the file. */
      readonly where: string;
    };

/** What a dump holds, and whether it is whole. */
export interface DumpVerification {
  readonly file: string;
  readonly verdict: DumpVerdict;
  readonly layout: DumpLayout;
  readonly compression: Compression;
  /** Of the file as it lies there, as far as it could be read. SHA-256 in hex; undefined: it could not be read to its end. */
  readonly bytes: number;
  readonly sha256: string | undefined;
  /** Of its content, uncompressed, as far as it could be read; the same goes for what follows. */
  readonly contentBytes: number;
  readonly keys: number;
  readonly keyBytes: number;
  /** Also of values that were left out; undefined where nothing tells of their sizes. */
  readonly valueBytes: number | undefined;
  /** As the manifest beside it says, whatever the verdict; undefined where there is none. */
  readonly origin: DumpVerificationOrigin | undefined;
}

/** What a dump is of. */
export interface DumpVerificationOrigin {
  readonly revision: number;
  readonly clusterId: string;
  /** `text`: for people. The empty prefix is everything. */
  readonly prefixes: readonly { readonly text: string; readonly base64: string }[];
  readonly filters: readonly string[];
  readonly sinceRevision: number | undefined;
  readonly startedAt: string;
  readonly endedAt: string;
}
