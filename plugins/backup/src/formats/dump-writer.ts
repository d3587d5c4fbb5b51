import type { KeyPage } from '../contents/key-page.ts';
import { CsvWriter } from './csv-writer.ts';
import type { DumpLayout } from './dump-layout.ts';
import { JsonLinesWriter } from './json-lines-writer.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** What a page doesn't say of its keys. */
export interface PageOptions {
  /** By row: 0 leaves it out. Default: all rows are written. */
  readonly selected?: Uint8Array | undefined;
  /** Seconds left, by lease; -1: gone. */
  readonly ttls?: ReadonlyMap<bigint, number> | undefined;
}

/** Turns keys into a dump's bytes, without an object for any of them. */
export interface DumpWriter {
  /** What comes before the first key. */
  begin(output: OutputBuffer): void;
  /** Appends the page's keys. Returns how many those were. */
  append(page: KeyPage, output: OutputBuffer, options?: PageOptions): number;
}

export function createDumpWriter(layout: DumpLayout): DumpWriter {
  return layout.format === 'csv' ? new CsvWriter(layout) : new JsonLinesWriter(layout);
}
