/** A figure that a measurement found, and the limit it is held to. */
export interface Check {
  readonly name: string;
  readonly actual: number;
  readonly unit: string;
  readonly limit?: { readonly is: 'at most' | 'at least'; readonly value: number };
}

export function isMet({ actual, limit }: Check): boolean {
  if (limit === undefined) return true;
  return limit.is === 'at most' ? actual <= limit.value : actual >= limit.value;
}

export function renderCheck(check: Check): string {
  const { name, actual, unit, limit } = check;
  const figure = `${name.padEnd(52)} ${actual.toFixed(3).padStart(12)} ${unit}`;
  if (limit === undefined) return figure;
  return `${figure} (${limit.is} ${limit.value}): ${isMet(check) ? 'met' : 'MISSED'}`;
}
