import { parseDuration } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';

const HOUR_MS = 3_600_000;
const DATE_AND_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?$/;
const TIME_OF_DAY = /^\d\d:\d\d(:\d\d(\.\d+)?)?$/;

/**
 * Unix milliseconds of `1h` (so long ago), `2d`, `2026-11-21T22:30:00Z`, `2026-11-21 22:30` or `22:30` (the last time that it
 * was so); without a zone in this machine's. Throws InputError.
 *
 * @param nowMs unix milliseconds
 */
export function parseMoment(text: string, nowMs: number): number {
  const trimmed = text.trim();
  if (trimmed === 'now') return nowMs;
  if (TIME_OF_DAY.test(trimmed)) {
    const today = new Date(nowMs);
    const date = `${today.getFullYear()}-${two(today.getMonth() + 1)}-${two(today.getDate())}`;
    const at = Date.parse(`${date}T${trimmed}`);
    if (!Number.isNaN(at)) return at > nowMs ? at - 24 * HOUR_MS : at;
  }
  const parts = DATE_AND_TIME.exec(trimmed);
  if (parts !== null) {
    const [, date, time = '00:00', zone = ''] = parts;
    const at = Date.parse(`${date}T${time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`);
    if (!Number.isNaN(at)) return at;
  } else if (/^[\d.]+(ms|s|m|h|d)/.test(trimmed)) return nowMs - parseDuration(trimmed);
  throw new InputError(`'${text}' is no time: write it like 1h (ago), 22:30, 2026-11-21 22:30 or 2026-11-21T22:30:00Z`);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
