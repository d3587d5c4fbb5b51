import { type Filter, selectRows } from '../../filters/filter.ts';
import type { DumpLayout } from '../../formats/dump-layout.ts';
import type { DumpOutput } from '../../formats/dump-output.ts';
import { createDumpWriter } from '../../formats/dump-writer.ts';
import { OutputBuffer } from '../../formats/output-buffer.ts';
import { CompactedError } from '../live/compacted-error.ts';
import type { LivePages } from '../live/live-pages.ts';

/** So much is written at once. */
const SLICE_BYTES = 1 << 20;

/**
 * Writes all pages: one slice of the file is on its way to the disk while the next is filled. `failure`: what was read
 * is compacted away, and what came before it is written. Rejects as reading and writing do for all else.
 */
export async function writePages(
  live: LivePages,
  output: DumpOutput,
  layout: DumpLayout,
  filters: readonly Filter[],
): Promise<{ readonly keys: number; readonly failure?: CompactedError }> {
  const writer = createDumpWriter(layout);
  const sliced = new SlicedOutput(output);
  writer.begin(sliced.buffer);
  let selected = new Uint8Array(0);
  let keys = 0;
  let failure: CompactedError | undefined;
  try {
    for await (const page of live.pages()) {
      if (filters.length > 0) {
        if (selected.length < page.length) selected = new Uint8Array(page.length);
        if (selectRows(filters, page, selected) === 0) continue;
      }
      keys += writer.append(page, sliced.buffer, {
        selected: filters.length === 0 ? undefined : selected,
        ttls: live.ttls,
      });
      if (sliced.buffer.length >= SLICE_BYTES) await sliced.turn();
    }
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    failure = error;
  } finally {
    // Nobody may change what is still being written.
    await sliced.settle();
  }
  await sliced.turn();
  await sliced.settle();
  return failure === undefined ? { keys } : { keys, failure };
}

/** Two buffers: one is filled while the other is written. */
class SlicedOutput {
  buffer = new OutputBuffer();
  #other = new OutputBuffer();
  #writing: Promise<void> = Promise.resolve();
  readonly #output: DumpOutput;

  constructor(output: DumpOutput) {
    this.#output = output;
  }

  /** Writes what the buffer holds, once the write before has ended; rejects as that one does. */
  async turn(): Promise<void> {
    await this.#writing;
    const full = this.buffer;
    this.buffer = this.#other;
    this.#other = full;
    this.buffer.clear();
    this.#writing = this.#output.write(full.content());
    // Whoever turns next is told.
    this.#writing.catch(() => undefined);
  }

  async settle(): Promise<void> {
    await this.#writing;
  }
}
