/** Writes `source[start, end)` in base64 or in hexadecimal digits. Returns where it ends. */
export function writeEncoded(
  target: Buffer,
  at: number,
  source: Buffer,
  start: number,
  end: number,
  encoding: 'base64' | 'hex',
): number {
  return at + target.write(source.toString(encoding, start, end), at, 'latin1');
}
