import { readFileSync } from 'node:fs';
import { InputError } from '../errors/index.ts';
import { PooledValues } from './pooled-values.ts';
import { Random } from './random.ts';
import { SlicedValues } from './sliced-values.ts';
import { textPool } from './text-pool.ts';
import type { ValueKind, ValueSource } from './value-source.ts';

// Beyond the window of what etcd could be stored with (snappy 64 KiB, gzip 32 KiB), and made within 2 ms of each start.
const POOL_BYTES = 1 << 18;
/** How much longer than one value a pool is at least, so that there is something to choose from. */
const POOL_MARGIN = 1 << 16;

/**
 * The values that one thread writes. Reads a file at once; throws InputError when it can't be read or is empty, or
 * when the length is no length.
 */
export function makeValueSource(kind: ValueKind, length: number, seed: number): ValueSource {
  if (!Number.isSafeInteger(length) || length < 0) throw new InputError(`values of ${length} bytes can't be`);
  const poolBytes = Math.max(POOL_BYTES, length + POOL_MARGIN);
  switch (kind.kind) {
    case 'random':
      return new PooledValues(randomPool(poolBytes, seed), length, 'binary', seed);
    case 'text':
      return new PooledValues(textPool(poolBytes, seed), length, 'digits', seed);
    case 'file':
      return new SlicedValues(readValueFile(kind.path), length);
    case 'repeat':
      return new SlicedValues(randomPool(length, seed), length);
    default:
      return kind satisfies never;
  }
}

function randomPool(bytes: number, seed: number): Buffer {
  const random = new Random(seed);
  const words = new Int32Array(Math.ceil(bytes / 4));
  for (let i = 0; i < words.length; i += 1) words[i] = random.int32();
  return Buffer.from(words.buffer, 0, bytes);
}

function readValueFile(path: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new InputError(`can't read ${path}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, {
      where: '--value',
      cause,
    });
  }
  if (content.length === 0) throw new InputError(`${path} is empty: no values can be made of it`, { where: '--value' });
  return content;
}
