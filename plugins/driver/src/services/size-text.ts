const UNITS = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
] as const;

/** Bytes for people: `5.2 GB`, `812 MB`, `1.3 kB`. */
export function sizeText(bytes: number): string {
  const [size, unit] = UNITS.find(([least]) => bytes >= least) ?? [1e3, 'kB'];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}
