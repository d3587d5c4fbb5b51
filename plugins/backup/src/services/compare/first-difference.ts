const BLOCK = 4096;

/** The offset of the first byte that isn't the same: the shorter one's length where it is the other's beginning. */
export function firstDifference(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  let offset = 0;
  while (offset + BLOCK <= length && a.compare(b, offset, offset + BLOCK, offset, offset + BLOCK) === 0)
    offset += BLOCK;
  while (offset < length && a[offset] === b[offset]) offset += 1;
  return offset;
}
