const BASE64 = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')) BASE64[byte] = 1;
const HEX = new Int8Array(256).fill(-1);
for (const [value, byte] of Buffer.from('0123456789abcdef').entries()) HEX[byte] = value;
const EQUALS = 0x3d;

/** The bytes that `source[start, end)` is the base64 or hexadecimal of; undefined: of none. */
export function readEncoded(
  source: Buffer,
  start: number,
  end: number,
  encoding: 'base64' | 'hex',
): Buffer | undefined {
  const size = end - start;
  if (encoding === 'hex') {
    if (size % 2 !== 0) return undefined;
    for (let index = start; index < end; index++) if (HEX[source[index]!]! < 0) return undefined;
    return Buffer.from(source.toString('latin1', start, end), 'hex');
  }
  if (size % 4 !== 0) return undefined;
  let last = end;
  while (last > start && last > end - 2 && source[last - 1] === EQUALS) last -= 1;
  for (let index = start; index < last; index++) if (BASE64[source[index]!] !== 1) return undefined;
  return Buffer.from(source.toString('latin1', start, last), 'base64');
}

/** A whole number in decimal digits, up to 2^53; undefined: something else. */
export function readDecimal(source: Buffer, start: number, end: number): number | undefined {
  if (start === end) return undefined;
  const isNegative = source[start] === 0x2d;
  const first = isNegative ? start + 1 : start;
  if (first === end || end - first > 16) return undefined;
  let number = 0;
  for (let index = first; index < end; index++) {
    const digit = source[index]! - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return isNegative ? -number : number;
}

/** 64 bits in up to 16 hexadecimal digits; undefined: something else. */
export function readHex64(source: Buffer, start: number, end: number): bigint | undefined {
  if (start === end || end - start > 16) return undefined;
  let high = 0;
  let low = 0;
  for (let index = start; index < end; index++) {
    const digit = HEX[source[index]!]!;
    if (digit < 0) return undefined;
    if (end - index > 8) high = high * 16 + digit;
    else low = low * 16 + digit;
  }
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
}
