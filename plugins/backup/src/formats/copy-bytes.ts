/** Up to here a loop is faster than a call. */
const SHORT = 40;

/** Copies `source[start, end)`. Returns where the copy ends. */
export function copyBytes(target: Buffer, at: number, source: Buffer, start: number, end: number): number {
  const size = end - start;
  if (size > SHORT) source.copy(target, at, start, end);
  else for (let index = 0; index < size; index++) target[at + index] = source[start + index]!;
  return at + size;
}
