import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';

const SECONDS = { s: 1, m: 60, h: 3600 } as const;
const MOST_PER_SEC = 10_000_000;

/** A rate per second; `off`: none of it at all. */
export type RateOrOff = number | 'off';

/**
 * `7920` and `7920/h` are per hour, `120/s` and `60/m` say otherwise; `-1` is off. Throws InputError for anything else.
 *
 * @returns per second
 */
export function parseHourlyRate(text: string): RateOrOff {
  if (text.trim() === '-1') return 'off';
  const [, number, unit = 'h'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(text.trim()) ?? [];
  const ratePerSec = number === undefined ? Number.NaN : Number(number) / SECONDS[unit as keyof typeof SECONDS];
  if (ratePerSec <= MOST_PER_SEC) return ratePerSec;
  throw new InputError(`'${text}' is no rate`, {
    hint: 'write it like 7920 or 7920/h (an hour), 60/m or 120/s; -1 is off',
  });
}

export const hourlyRateFlag = Flags.custom<RateOrOff>({
  parse: async (text) => parseHourlyRate(text),
  helpValue: 'RATE',
});
