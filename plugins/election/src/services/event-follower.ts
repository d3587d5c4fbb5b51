import { setTimeout as sleep } from 'node:timers/promises';
import { type EventSource, EventTail, type OnLines } from './event-tail.ts';

/** A source that could not be read last time. */
export interface FollowProblem {
  readonly source: EventSource;
  readonly error: Error;
}

/**
 * Copies event files from hosts as they grow, each from the byte it got to, through the host's one connection. A cut
 * connection loses nothing: the next look goes on where the last one ended. A host that hangs delays no other.
 */
export class EventFollower {
  readonly #onLines: OnLines;
  readonly #everyMs: number;
  readonly #tails = new Map<string, EventTail>();
  readonly #stopped = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #started = false;

  /** @param options.everyMs how long to wait between two looks at a file; default 1000 */
  constructor(onLines: OnLines, options: { readonly everyMs?: number } = {}) {
    this.#onLines = onLines;
    this.#everyMs = options.everyMs ?? 1000;
  }

  /** Follows one more file from its beginning; one that is followed already goes on where it is. */
  add(source: EventSource): void {
    const key = keyOf(source);
    if (this.#tails.has(key)) return;
    const tail = new EventTail(source, this.#onLines);
    this.#tails.set(key, tail);
    if (this.#started) this.#loops.push(this.#follow(tail));
  }

  /** Starts looking at all files regularly, until `stop`. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const tail of this.#tails.values()) this.#loops.push(this.#follow(tail));
  }

  /** Reads everything that is there now, for at most `timeoutMs`; says what could not be read. */
  async catchUp(timeoutMs: number): Promise<FollowProblem[]> {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#stopped.signal]);
    // A read under way on a host that hangs is not ours to abort: it is left to its own time limit.
    const timedOut = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([Promise.all([...this.#tails.values()].map((tail) => tail.read(signal))), timedOut]);
    return this.problems();
  }

  problems(): FollowProblem[] {
    return [...this.#tails.values()].flatMap(({ source, failure }) => (failure ? [{ source, error: failure }] : []));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#loops);
  }

  async #follow(tail: EventTail): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await tail.read(signal);
      await sleep(this.#everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function keyOf({ executor, path }: EventSource): string {
  return `${executor.name}:${path}`;
}
