import type { KeyRecord } from '../contents/key-record.ts';

/** Reads the rows of one format out of a dump's bytes, piece by piece. */
export interface RowsReader {
  /**
   * Reads all whole rows of `bytes`, which begin where the last call's rest began. `isEnd`: nothing follows. Throws
   * DamagedDumpError. Keys and values are parts of `bytes`.
   */
  read(
    bytes: Buffer,
    isEnd: boolean,
  ): { readonly records: KeyRecord[] /** Bytes that were read. */; readonly used: number };
  /** Rows read so far. */
  readonly rows: number;
}
