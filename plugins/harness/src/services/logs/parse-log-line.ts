/** From the least to the worst. `crash` is what Go's runtime prints when a process ends by itself: it has no time. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'crash'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line that etcd wrote. */
export interface LogLine {
  /** Unix milliseconds with their fractions, by the clock of the member's host; undefined where the line has no time. */
  readonly atMs: number | undefined;
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
  readonly message: string;
  /** What a JSON line has beside time, level, caller and message. Empty for text. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** etcd 3.4 with `--logger=capnslog`: `2026-11-21 23:08:05.156156 W | etcdserver: …`, in the host's local time. */
const CAPNSLOG = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([A-Z]) \| (?:[\w/.-]+: )?(.*)$/s;
/** Its raft library writes in a way of its own: `raft2026/11/21 23:08:05 INFO: …`. */
const RAFT_TEXT = /^raft(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d) ([A-Z]+): (.*)$/s;
const GO_CRASH = /^(?:panic: |fatal error: |unexpected fault address |SIG[A-Z]+: )/;

const ZAP_LEVELS: Readonly<Record<string, LogLevel>> = {
  ...{ debug: 'debug', info: 'info', warn: 'warn', error: 'error' },
  ...{ dpanic: 'fatal', panic: 'fatal', fatal: 'fatal' },
};
const TEXT_LEVELS: Readonly<Record<string, LogLevel>> = {
  ...{ T: 'debug', D: 'debug', I: 'info', N: 'info', W: 'warn', E: 'error', C: 'fatal' },
  ...{ DEBUG: 'debug', INFO: 'info', WARN: 'warn', WARNING: 'warn', ERROR: 'error', FATAL: 'fatal', PANIC: 'fatal' },
};

/**
 * Reads one line of etcd's log: JSON of 3.4 to 3.6, the text that 3.4 writes with `--logger=capnslog`, and the first line
 * of a crash. Undefined for all else (gRPC's own text, stack traces, usage). Times without a zone are taken as UTC.
 */
export function parseLogLine(line: string): LogLine | undefined {
  if (line.startsWith('{')) return parseJson(line);
  const text = CAPNSLOG.exec(line);
  if (text !== null) {
    const [, date, time, letter = '', message = ''] = text;
    return textLine(`${date}T${time}Z`, letter, message);
  }
  const raft = RAFT_TEXT.exec(line);
  if (raft !== null) {
    const [, year, month, day, time, level = '', message = ''] = raft;
    return textLine(`${year}-${month}-${day}T${time}Z`, level, message);
  }
  if (GO_CRASH.test(line))
    return { atMs: undefined, level: 'crash', format: 'text', message: line.trimEnd(), fields: {} };
  return undefined;
}

/** Only a line's time, unix milliseconds: what filtering by time needs of each of millions of lines. */
export function timeOfLine(line: string): number | undefined {
  if (!line.startsWith('{')) return parseLogLine(line)?.atMs;
  // Time stands before whatever a client may have put into a key; a line in another order is read to the full.
  const found = /^\{"level":"\w+","ts":"([^"]+)"/.exec(line);
  return found === null ? parseJson(line)?.atMs : parseTime(found[1]!);
}

function parseJson(line: string): LogLine | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { ts, level, msg, caller: _caller, ...fields } = parsed as Record<string, unknown>;
  const known = typeof level === 'string' && Object.hasOwn(ZAP_LEVELS, level) ? ZAP_LEVELS[level] : undefined;
  if (typeof msg !== 'string' || known === undefined) return undefined;
  return { atMs: parseTime(ts), level: known, format: 'json', message: msg, fields };
}

function textLine(time: string, word: string, message: string): LogLine | undefined {
  const level = Object.hasOwn(TEXT_LEVELS, word) ? TEXT_LEVELS[word] : undefined;
  if (level === undefined) return undefined;
  return { atMs: parseTime(time), level, format: 'text', message: message.trimEnd(), fields: {} };
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

/** `2026-11-21T23:08:05.156156Z`, or with an offset (`+0200`) where the host's zone is not UTC; or unix seconds. */
function parseTime(time: unknown): number | undefined {
  if (typeof time === 'number') return Number.isFinite(time) ? time * 1000 : undefined;
  const found = typeof time === 'string' ? TIME.exec(time) : null;
  if (found === null) return undefined;
  const [, whole, fraction = '', zone = ''] = found;
  const ms = Date.parse(`${whole}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`);
  return Number.isNaN(ms) ? undefined : ms + (fraction === '' ? 0 : Number(`0${fraction}`) * 1000);
}
