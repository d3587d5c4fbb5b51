import { PassThrough } from 'node:stream';
import { OperationError } from '../errors/index.ts';
import type { Executor } from '../ssh/index.ts';
import type { ClockReading } from './clock-reading.ts';
import { CLOCK_SCRIPT } from './clock-script.ts';
import { compareExchanges, type Exchange } from './compare-exchanges.ts';
import { parseNtpQuery } from './parse-ntp-query.ts';
import { parseTracking } from './parse-tracking.ts';
import { anchorWallClock } from './wall-clock.ts';

export interface MeasureClockOptions {
  readonly signal?: AbortSignal | undefined;
  /** NTP servers that the host may ask where it runs no chrony. Addresses as the host sees them. */
  readonly servers?: readonly string[] | undefined;
}

const EXCHANGES = 8;
const TIMEOUT_MS = 30_000;

/**
 * Measures a host's clock in one command, without root: what its chrony says, else what an NTP server tells ntpdate or
 * sntp there, else only the comparison with this machine; the comparison is made in every case. On this machine itself
 * the comparison is zero. Throws `OperationError` where the host can't be asked.
 */
export async function measureClock(executor: Executor, options: MeasureClockOptions = {}): Promise<ClockReading> {
  const stdin = new PassThrough();
  const lines: string[] = [];
  const exchanges: Exchange[] = [];
  const clock = anchorWallClock();
  let sentMs: number | undefined;
  let rest = '';
  const onStdout = (chunk: Buffer) => {
    const receivedMs = clock();
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      if (sentMs !== undefined) exchanges.push({ sentMs, receivedMs, ...parseHostTime(line) });
      else if (line !== 'ready') {
        lines.push(line);
        continue;
      }
      if (exchanges.length === EXCHANGES) return void stdin.end();
      sentMs = clock();
      stdin.write('\n');
    }
  };
  try {
    const { signal } = options;
    const settings = { stdin, onStdout, signal, become: false, timeoutMs: TIMEOUT_MS };
    const result = await executor.script(CLOCK_SCRIPT, options.servers ?? [], settings);
    if (result.code !== 0 || exchanges.length < EXCHANGES) {
      const said = result.stderr.trim().split('\n').at(-1) || 'it gave no answer';
      throw new OperationError(`the clock cannot be read: ${said}`, { where: executor.name });
    }
    const comparison = executor.kind === 'local' ? { offsetMs: 0, errorBarMs: 0 } : compareExchanges(exchanges);
    return readingOf(lines, comparison);
  } finally {
    stdin.destroy();
  }
}

/** What the script said before `ready`, and the comparison, as one reading. */
export function readingOf(lines: readonly string[], comparison: ClockReading['comparison']): ClockReading {
  const said = (kind: string) =>
    lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
  const own = parseTracking(said('chrony').at(-1) ?? '') ?? parseNtpQuery(said('ntp').join('\n'));
  if (own !== undefined) return { ...own, comparison };
  return {
    source: 'ssh',
    offsetMs: comparison.offsetMs,
    errorBarMs: Math.abs(comparison.offsetMs) + comparison.errorBarMs,
    synchronised: said('timedatectl').at(-1) === 'yes',
    reference: 'this machine',
    comparison,
  };
}

/** Nanoseconds from GNU date, whole seconds from a date that knows no %N. */
function parseHostTime(line: string): Pick<Exchange, 'hostMs' | 'resolutionMs'> {
  const digits = /^\d+/.exec(line)?.[0] ?? '';
  if (digits.length > 12) return { hostMs: Number(digits) / 1e6, resolutionMs: 0 };
  return { hostMs: Number(digits) * 1000, resolutionMs: 1000 };
}
