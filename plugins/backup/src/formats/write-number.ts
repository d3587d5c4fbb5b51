const ZERO = 0x30;
const HEX = Buffer.from('0123456789abcdef', 'latin1');

/** Writes a whole number (up to 2^53, or -1 and the like) in decimal digits. Returns where it ends. */
export function writeDecimal(bytes: Uint8Array, at: number, number: number): number {
  let position = at;
  let rest = number;
  if (rest < 0) {
    bytes[position++] = 0x2d;
    rest = -rest;
  }
  // Small integers divide several times faster.
  if (rest > 0x7fffffff) {
    const high = Math.floor(rest / 1e9);
    position = writeSmall(bytes, writeDecimal(bytes, position, high), rest - high * 1e9, 9);
    return position;
  }
  return writeSmall(bytes, position, rest, digitsOf(rest));
}

function writeSmall(bytes: Uint8Array, at: number, number: number, digits: number): number {
  let rest = number | 0;
  for (let position = at + digits - 1; position >= at; position--) {
    const tenth = (rest / 10) | 0;
    bytes[position] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}

function digitsOf(number: number): number {
  if (number < 1e5) {
    if (number < 1e2) return number < 10 ? 1 : 2;
    if (number < 1e4) return number < 1e3 ? 3 : 4;
    return 5;
  }
  if (number < 1e7) return number < 1e6 ? 6 : 7;
  if (number < 1e9) return number < 1e8 ? 8 : 9;
  return 10;
}

/** Writes 64 bits, given as halves, as 16 hexadecimal digits: as etcdctl prints the id of a lease. Returns where it ends. */
export function writeHex64(bytes: Uint8Array, at: number, high: number, low: number): number {
  for (let digit = 0; digit < 8; digit++) {
    const shift = 28 - 4 * digit;
    bytes[at + digit] = HEX[(high >>> shift) & 15]!;
    bytes[at + 8 + digit] = HEX[(low >>> shift) & 15]!;
  }
  return at + 16;
}
