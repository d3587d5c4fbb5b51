const UNITS = [
  { ns: 1, name: 'ns' },
  { ns: 1e3, name: 'µs' },
  { ns: 1e6, name: 'ms' },
  { ns: 1e9, name: 's' },
] as const;

/** Three digits and the unit that fits: `812 µs`, `1.24 ms`, `45.3 s`. `–` where there is none (NaN). */
export function formatNs(ns: number): string {
  if (Number.isNaN(ns)) return '–';
  const size = Math.abs(ns);
  // 999.6 µs is shown as 1 ms, not as 1000 µs.
  const unit = UNITS.findLast(({ ns: one }) => size >= one * 0.9995) ?? UNITS[0];
  const value = ns / unit.ns;
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${unit.name}`;
}

/** The same from milliseconds. */
export function formatMs(ms: number): string {
  return formatNs(ms * 1e6);
}
