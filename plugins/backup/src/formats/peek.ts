/** A stream whose beginning is known. */
export interface PeekedChunks {
  readonly head: Buffer;
  /** It ended so, within its beginning; the stream rejects with it, too. */
  readonly failure: unknown;
  /** All of it, from its beginning: once. What isn't read to its end must be told: `return()`. */
  readonly chunks: AsyncIterableIterator<Buffer>;
}

/** Reads the beginning of a stream: `size` bytes, fewer only where it ends before. */
export async function peek(stream: AsyncIterable<Buffer>, size: number): Promise<PeekedChunks> {
  const iterator = stream[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  let failure: unknown;
  while (length < size) {
    try {
      const { done, value } = await iterator.next();
      if (done === true) break;
      first.push(value);
      length += value.length;
    } catch (error) {
      failure = error;
      break;
    }
  }
  const head = first.length === 1 ? first[0]! : Buffer.concat(first);
  const chunks: AsyncIterableIterator<Buffer> = {
    [Symbol.asyncIterator]: () => chunks,
    next: async () => {
      const value = first.shift();
      if (value !== undefined) return { done: false, value };
      if (failure !== undefined) throw failure;
      return iterator.next();
    },
    // A generator that was never begun would not run what it does at its end.
    return: async () => {
      first.length = 0;
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return { head, failure, chunks };
}
