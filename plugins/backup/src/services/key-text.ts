import { isUtf8 } from 'node:buffer';

/** A control character could do things to a terminal, a line break would end a line of ours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** A key for people's eyes: on one line, harmless; what isn't UTF-8 byte by byte as `\xff`. */
export function keyText(key: Buffer): string {
  if (isUtf8(key)) return key.toString().replace(CONTROLS, (sign) => escaped(Buffer.from(sign)));
  return key.toString('latin1').replace(/[^ -~]/g, (sign) => escaped(Buffer.from(sign, 'latin1')));
}

function escaped(bytes: Buffer): string {
  return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
