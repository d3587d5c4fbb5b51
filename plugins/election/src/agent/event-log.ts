import { closeSync, openSync, writeSync } from 'node:fs';
import type { ElectionEvent } from '../protocol/index.ts';
import type { WallClock } from './wall-clock.ts';

/** An event without its time: `write` adds it. */
export type Untimed = ElectionEvent extends infer E ? (E extends ElectionEvent ? Omit<E, 'tNs'> : never) : never;

/** A killed process loses what happened since the last flush. */
const flushEveryMs = 100;
/** Thousands of agents tell something at once: a long backlog is written at once. */
const flushAtLength = 1 << 18;

/** Appends events to a file as JSON lines, at least ten times a second. */
export class EventLog {
  readonly clock: WallClock;
  readonly #fd: number;
  readonly #onProblem: (error: Error) => void;
  #pending = '';
  #unwritten: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #failing = false;

  /** @param onProblem told once for each time that writing begins to fail (a full disk); events wait meanwhile. */
  constructor(path: string, clock: WallClock, onProblem: (error: Error) => void) {
    this.clock = clock;
    this.#fd = openSync(path, 'a', 0o644);
    this.#onProblem = onProblem;
  }

  /** @param atUs when it happened, in unix microseconds; now, if not given. */
  write(event: Untimed, atUs: number = this.clock.nowUs()): void {
    this.#pending += `{"tNs":"${toNs(atUs)}",${JSON.stringify(event).slice(1)}\n`;
    if (this.#pending.length > flushAtLength) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), flushEveryMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const fresh = Buffer.from(this.#pending);
    this.#pending = '';
    this.#unwritten = this.#unwritten.length > 0 ? Buffer.concat([this.#unwritten, fresh]) : fresh;
    try {
      while (this.#unwritten.length > 0)
        this.#unwritten = this.#unwritten.subarray(writeSync(this.#fd, this.#unwritten));
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#onProblem(error as Error);
      this.#failing = true;
      this.#timer = setTimeout(() => this.flush(), flushEveryMs * 10);
    }
  }

  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    closeSync(this.#fd);
  }
}

/** Unix microseconds as a decimal string of nanoseconds. */
export function toNs(us: number): string {
  return `${Math.round(us)}000`;
}
