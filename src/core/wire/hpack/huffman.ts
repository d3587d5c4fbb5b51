// How many bits the code of each of the 256 octets and of the end mark has (RFC 7541 appendix B). The code is
// canonical: codes of one length are consecutive, in the order of the octets; so the lengths are all there is to know.
// biome-ignore format: a table
const CODE_LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];
const END_MARK = 256;
const LONGEST = 30;

interface LengthGroup {
  readonly firstCode: number;
  readonly symbols: readonly number[];
}

/** Indexed by code length in bits. */
const GROUPS: readonly LengthGroup[] = groupByLength();

function groupByLength(): LengthGroup[] {
  const groups: LengthGroup[] = [];
  let firstCode = 0;
  for (let length = 0; length <= LONGEST; length += 1) {
    const symbols = CODE_LENGTHS.flatMap((bits, symbol) => (bits === length ? [symbol] : []));
    groups.push({ firstCode, symbols });
    firstCode = (firstCode + symbols.length) * 2;
  }
  return groups;
}

/**
 * Decodes a Huffman-coded string literal (RFC 7541 section 5.2) to a latin1 string. Returns undefined when it is not
 * valid: the end mark inside, or padding that is longer than 7 bits or not all ones.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string | undefined {
  const octets: number[] = [];
  let code = 0;
  let length = 0;
  for (let position = start; position < end; position += 1) {
    const byte = bytes[position]!;
    for (let bit = 7; bit >= 0; bit -= 1) {
      code = code * 2 + ((byte >>> bit) & 1);
      length += 1;
      if (length > LONGEST) return undefined;
      const group = GROUPS[length]!;
      const symbol = group.symbols[code - group.firstCode];
      if (symbol === undefined) continue;
      if (symbol === END_MARK) return undefined;
      octets.push(symbol);
      code = 0;
      length = 0;
    }
  }
  if (length > 7 || code !== 2 ** length - 1) return undefined;
  return Buffer.from(octets).toString('latin1');
}
