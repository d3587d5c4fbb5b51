import { keyText } from '../key-text.ts';

/** Of what is shown, how much lies before the place that is looked at. */
const BEFORE = 1 / 4;

/** At most so many bytes of a value about a place of interest, on one line; `…` stands where there is more of it. */
export function valueExcerpt(value: Buffer, offset: number, mostBytes: number): string {
  const start = Math.max(0, Math.min(offset - Math.floor(mostBytes * BEFORE), value.length - mostBytes));
  const end = Math.min(value.length, start + mostBytes);
  return `${start > 0 ? '…' : ''}${keyText(value.subarray(start, end))}${end < value.length ? '…' : ''}`;
}
