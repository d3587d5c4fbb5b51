import { InterruptedError } from '../errors/index.ts';

type Handler = () => void;

/** The process, as far as signals go. */
export interface SignalSource {
  on(name: 'SIGINT' | 'SIGTERM', handler: Handler): unknown;
  off(name: 'SIGINT' | 'SIGTERM', handler: Handler): unknown;
  exit(code: number): never;
}

/** Turns the first SIGINT or SIGTERM into an aborted signal; the second one ends the process at once. */
export class Interruption {
  readonly signal: AbortSignal;
  private readonly source: SignalSource;
  private readonly onSignal: Handler;

  private constructor(source: SignalSource) {
    const controller = new AbortController();
    this.signal = controller.signal;
    this.source = source;
    this.onSignal = () => {
      if (controller.signal.aborted) source.exit(130);
      controller.abort(new InterruptedError());
    };
  }

  static listen(source: SignalSource): Interruption {
    const interruption = new Interruption(source);
    source.on('SIGINT', interruption.onSignal);
    source.on('SIGTERM', interruption.onSignal);
    return interruption;
  }

  stop(): void {
    this.source.off('SIGINT', this.onSignal);
    this.source.off('SIGTERM', this.onSignal);
  }
}
