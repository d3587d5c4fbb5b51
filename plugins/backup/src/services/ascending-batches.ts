import { abortReason, InputError } from '@etcdperf/core/errors';
import type { Contents } from '../contents/contents.ts';
import type { KeyRecord } from '../contents/key-record.ts';
import { keyText } from './key-text.ts';

/**
 * The keys of contents, of which it is made sure that each comes after the one before. Rejects with an InputError where
 * they don't, with the signal's reason, and as the contents do.
 */
export async function* ascendingBatches(
  contents: Contents,
  signal: AbortSignal,
): AsyncGenerator<readonly KeyRecord[], void, void> {
  let last: Buffer | undefined;
  for await (const batch of contents.batches()) {
    if (signal.aborted) throw abortReason(signal);
    for (const { key } of batch) {
      if (last !== undefined) checkOrder(last, key, contents.origin.name);
      last = key;
    }
    yield batch;
  }
}

function checkOrder(last: Buffer, key: Buffer, name: string): void {
  const order = last.compare(key);
  if (order < 0) return;
  throw new InputError(
    order === 0 ? `the key ${keyText(key)} is there twice` : `the key ${keyText(key)} comes after ${keyText(last)}`,
    { where: name, hint: 'keys must come in the order of their bytes, each once, as backup:dump writes them' },
  );
}
