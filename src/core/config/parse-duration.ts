import { InputError } from '../errors/index.ts';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `500ms`, `2s`, `1m30s`, `1.5h`, `30d`. Throws InputError for anything else, and for less than 1 ms. */
export function parseDuration(text: string): number {
  const isDuration = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text.trim());
  const parts = isDuration ? text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g) : [];
  let ms = 0;
  for (const [, number, unit] of parts) ms += Number(number) * UNITS[unit as keyof typeof UNITS];
  ms = Math.round(ms);
  if (ms >= 1 && Number.isSafeInteger(ms)) return ms;
  throw new InputError(`'${text}' is no duration: write it like 500ms, 2s, 10m, 1h or 2d`);
}
