/** A stream whose beginning is known. */
export interface PeekedChunks {
  readonly head: Buffer;
  /** All of it, from its beginning: once. What isn't read to its end must be told: `return()`. */
  readonly chunks: AsyncIterableIterator<Buffer>;
}

/** Reads the beginning of a stream: `size` bytes, fewer only where it ends before. */
export async function peek(stream: AsyncIterable<Buffer>, size: number): Promise<PeekedChunks> {
  const iterator = stream[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  while (length < size) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    first.push(value);
    length += value.length;
  }
  const head = first.length === 1 ? first[0]! : Buffer.concat(first);
  const chunks: AsyncIterableIterator<Buffer> = {
    [Symbol.asyncIterator]: () => chunks,
    next: async () => {
      const value = first.shift();
      return value === undefined ? iterator.next() : { done: false, value };
    },
    // A generator that was never begun would not run what it does at its end.
    return: async () => {
      first.length = 0;
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return { head, chunks };
}
