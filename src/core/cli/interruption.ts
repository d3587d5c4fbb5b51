import { InterruptedError } from '../errors/index.ts';

type Handler = () => void;

/** The process, as far as signals go. */
export interface SignalSource {
  on(name: 'SIGINT' | 'SIGTERM', handler: Handler): unknown;
  off(name: 'SIGINT' | 'SIGTERM', handler: Handler): unknown;
  exit(code: number): never;
}

/**
 * One signal can arrive twice: whoever signals a process group reaches bin/run.js, which passes it on, and this process
 * as well. Nobody presses Ctrl-C again so quickly.
 */
const SAME_SIGNAL_MS = 200;

/** Turns the first SIGINT or SIGTERM into an aborted signal; the second one ends the process at once. */
export class Interruption {
  readonly signal: AbortSignal;
  private readonly source: SignalSource;
  private readonly onSignal: Handler;

  private constructor(source: SignalSource, now: () => number) {
    const controller = new AbortController();
    let abortedAt = 0;
    this.signal = controller.signal;
    this.source = source;
    this.onSignal = () => {
      if (!controller.signal.aborted) {
        abortedAt = now();
        controller.abort(new InterruptedError());
      } else if (now() - abortedAt >= SAME_SIGNAL_MS) source.exit(130);
    };
  }

  /** @param now a clock in ms */
  static listen(source: SignalSource, now = () => performance.now()): Interruption {
    const interruption = new Interruption(source, now);
    source.on('SIGINT', interruption.onSignal);
    source.on('SIGTERM', interruption.onSignal);
    return interruption;
  }

  stop(): void {
    this.source.off('SIGINT', this.onSignal);
    this.source.off('SIGTERM', this.onSignal);
  }
}
