/** Bytes for people: `5.2 GB`, `812 MB`. */
export function sizeText(bytes: number): string {
  const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}
