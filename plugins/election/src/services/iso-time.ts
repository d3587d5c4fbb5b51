/** ISO 8601 with microseconds: `2026-11-21T14:00:00.123456Z`. */
export function isoTime(atNs: bigint): string {
  const micros = String((atNs / 1000n) % 1_000_000n).padStart(6, '0');
  return `${new Date(Number(atNs / 1_000_000n)).toISOString().slice(0, 19)}.${micros}Z`;
}
