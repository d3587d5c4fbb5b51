const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
/** What follows the backslash of a byte: 0: nothing needs to be escaped; 1: its number. */
const ESCAPE = new Uint8Array(256);
ESCAPE.fill(1, 0, SPACE);
for (const [byte, letter] of Object.entries({ 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r', 34: '"', 92: '\\' }))
  ESCAPE[Number(byte)] = letter.charCodeAt(0);

/** What a byte takes at most, quotes apart. */
export const JSON_TEXT_GROWTH = 6;

/** Writes `source[start, end)`, which is UTF-8, as a JSON string. Returns where it ends. */
export function writeJsonText(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): number {
  let position = at;
  target[position++] = QUOTE;
  for (let index = start; index < end; index++) {
    const byte = source[index]!;
    const escaped = ESCAPE[byte]!;
    if (escaped === 0) target[position++] = byte;
    else {
      target[position++] = BACKSLASH;
      if (escaped > 1) target[position++] = escaped;
      else {
        target[position++] = 0x75;
        target[position++] = 0x30;
        target[position++] = 0x30;
        target[position++] = HEX[byte >> 4]!;
        target[position++] = HEX[byte & 15]!;
      }
    }
  }
  target[position++] = QUOTE;
  return position;
}
