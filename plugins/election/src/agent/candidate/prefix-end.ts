/** The first key after all that begin with `prefix`, which is ASCII and not empty. */
export function prefixEnd(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1]! += 1;
  return end;
}
