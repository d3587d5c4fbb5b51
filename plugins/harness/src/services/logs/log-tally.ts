import type { TimedLine } from './line-filter.ts';
import type { LogGap, MemberLogReport } from './logs-report.ts';

const MOST_GAPS = 100;

/** Early lines of a process, some of them only in some versions. Within a value quotes are escaped. */
const BEGINNING =
  /"msg":"(?:Running |Running: |server has (?:been already|already been) initialized|configuring peer listeners)|^\[WARNING\] Deprecated '--logger=/;
/** One line that each process writes; the second as 3.4 has it with `--logger=capnslog`. */
const START = /"msg":"starting an etcd server"|^raft.* INFO: newRaft /;

/** Counts what a member's log has, line by line. */
export class LogTally {
  #lines = 0;
  #bytes = 0;
  #firstMs: number | undefined;
  #lastMs: number | undefined;
  #silenceMs = 0;
  readonly #gaps: LogGap[] = [];
  /** Set from a process's beginning to its start: when the line before was written. */
  #beginning: { readonly lastMs: number | undefined } | undefined;

  add({ text, atMs }: TimedLine): void {
    this.#lines += 1;
    this.#bytes += Buffer.byteLength(text) + 1;
    if (atMs === undefined) return;
    const last = this.#lastMs;
    if (last !== undefined) this.#silenceMs = Math.max(this.#silenceMs, atMs - last);
    if (BEGINNING.test(text)) this.#beginning ??= { lastMs: last };
    if (START.test(text)) this.#addGap(this.#beginning === undefined ? last : this.#beginning.lastMs, atMs);
    this.#firstMs ??= atMs;
    this.#lastMs = atMs;
  }

  #addGap(fromMs: number | undefined, toMs: number): void {
    this.#beginning = undefined;
    if (fromMs === undefined) return;
    this.#gaps.push({ from: isoTime(fromMs), to: isoTime(toMs) });
    if (this.#gaps.length > MOST_GAPS) this.#gaps.shift();
  }

  result(): Pick<MemberLogReport, 'lines' | 'bytes' | 'from' | 'to' | 'longestSilenceMs' | 'gaps'> {
    return {
      lines: this.#lines,
      bytes: this.#bytes,
      ...(this.#firstMs !== undefined && { from: isoTime(this.#firstMs) }),
      ...(this.#lastMs !== undefined && { to: isoTime(this.#lastMs) }),
      longestSilenceMs: Math.round(this.#silenceMs),
      gaps: this.#gaps,
    };
  }
}

/** ISO 8601 in UTC, to the millisecond. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
