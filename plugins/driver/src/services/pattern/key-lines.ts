import type { PatternSpace } from '@etcdperf/core/workload';

const CHUNK_BYTES = 65_536;
const TAB = 0x09;
const NEWLINE = 0x0a;

/** All keys of a space, a line each, with the values of their first writes behind tabs if asked for; in large pieces. */
export function* keyLines(space: PatternSpace, withValues: boolean): Generator<Buffer> {
  const { values, size } = space;
  const lineBytes = space.maxKeyBytes + (withValues ? 1 + values.maxBytes : 0) + 1;
  let chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, lineBytes));
  let end = 0;
  for (let key = 0; key < size; key += 1) {
    if (end + lineBytes > chunk.length) {
      yield chunk.subarray(0, end);
      chunk = Buffer.allocUnsafe(chunk.length);
      end = 0;
    }
    end = space.writeKey(chunk, end, key);
    if (withValues) {
      chunk[end] = TAB;
      end = values.write(chunk, end + 1, key, key);
    }
    chunk[end] = NEWLINE;
    end += 1;
  }
  yield chunk.subarray(0, end);
}
