import { InputError } from '../errors/index.ts';
import type { Pace } from './load-plan.ts';

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** `5000`, `5000/s`, `100/m`, `7200/h`; `0` is a closed loop. Throws InputError for anything else. */
export function parseRate(text: string): Pace {
  const match = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(text.trim());
  const ratePerSec =
    match === null ? Number.NaN : Number(match[1]) / SECONDS[(match[2] ?? 's') as keyof typeof SECONDS];
  if (!(ratePerSec <= 10_000_000))
    throw new InputError(`'${text}' is no rate: write it like 5000, 5000/s, 100/m or 7200/h`, { where: '--rate' });
  return ratePerSec === 0 ? { kind: 'closed' } : { kind: 'open', ratePerSec };
}
