/** The round that the round key's value tells; 0 if there is none, or something that isn't a number. */
export function parseRound(value: Uint8Array | string | undefined): number {
  if (value === undefined || value.length > 15) return 0;
  const text = typeof value === 'string' ? value : Buffer.from(value).toString('latin1');
  return /^\d+$/.test(text) ? Number(text) : 0;
}
