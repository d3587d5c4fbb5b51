import type { TimedLine } from '../logs/line-filter.ts';
import { LOG_LEVELS, type LogLevel, parseLogLine } from '../logs/parse-log-line.ts';
import { classifyLine } from './classify-line.ts';
import type { ErrorKindId } from './error-kinds.ts';

export const MINUTE_MS = 60_000;
const LONGEST_EXAMPLE = 1000;

/** One kind of trouble of one member. */
export interface KindCount {
  count: number;
  worstMs: number | undefined;
  readonly firstMs: number;
  lastMs: number;
  example: string;
}

/** Counts what the lines of one member tell. Holds numbers and one line for each kind, however long the log is. */
export class TroubleCounts {
  lines = 0;
  understood = 0;
  /** Lines of text, which have no time zone. */
  texts = 0;
  readonly kinds = new Map<ErrorKindId, KindCount>();
  /** By minute since 1970. */
  readonly minutes = new Map<number, Map<ErrorKindId, number>>();
  firstMs: number | undefined;
  lastMs: number | undefined;
  #finest: number | undefined;
  #levelBefore: LogLevel | undefined;

  /** The finest level that was seen. */
  get finest(): LogLevel | undefined {
    return this.#finest === undefined ? undefined : LOG_LEVELS[this.#finest];
  }

  add({ text, atMs }: TimedLine): void {
    this.lines += 1;
    const line = parseLogLine(text);
    if (line === undefined) return;
    this.understood += 1;
    if (line.format === 'text') this.texts += 1;
    this.#finest = Math.min(this.#finest ?? LOG_LEVELS.length, LOG_LEVELS.indexOf(line.level));
    // Of one panic both etcd's logger and Go's runtime tell.
    const isEcho = line.level === 'crash' && this.#levelBefore === 'fatal';
    this.#levelBefore = line.level;
    if (atMs === undefined) return;
    this.firstMs ??= atMs;
    this.lastMs = atMs;
    const trouble = classifyLine(line);
    if (trouble === undefined || isEcho) return;
    const { kind, tookMs } = trouble;
    this.#count(kind, tookMs, atMs, text);
    const minute = Math.floor(atMs / MINUTE_MS);
    const counts = this.minutes.get(minute) ?? new Map<ErrorKindId, number>();
    if (counts.size === 0) this.minutes.set(minute, counts);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }

  #count(kind: ErrorKindId, tookMs: number | undefined, atMs: number, text: string): void {
    const example = text.slice(0, LONGEST_EXAMPLE);
    const known = this.kinds.get(kind);
    if (known === undefined) {
      this.kinds.set(kind, { count: 1, worstMs: tookMs, firstMs: atMs, lastMs: atMs, example });
      return;
    }
    known.count += 1;
    known.lastMs = atMs;
    if (tookMs === undefined || tookMs <= (known.worstMs ?? -1)) return;
    known.worstMs = tookMs;
    known.example = example;
  }
}
