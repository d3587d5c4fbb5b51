const UNITS = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
] as const;

/** Bytes for people, three digits: `5.2 GB`, `812 MB`, `1.3 kB`, `17 B`. */
export function formatSize(bytes: number): string {
  // 999,600 bytes are shown as 1 MB, not as 1000 kB.
  const [size, unit] = UNITS.find(([least]) => bytes >= least * 0.9995) ?? [1, 'B'];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}
