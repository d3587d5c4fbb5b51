import type { OperationConnection } from './operation-connection.ts';

const LOOK_MS = 1000;

export interface NoSpacePauseOptions {
  /** Any of them is asked for the alarms. */
  readonly connections: readonly OperationConnection[];
  readonly onPause: (reason: string) => void;
  readonly onResume: () => void;
}

/** The time from etcd's first NOSPACE answer until its alarm is disarmed. It may begin again. */
export class NoSpacePause implements Disposable {
  readonly #options: NoSpacePauseOptions;
  #state: 'running' | 'paused' | 'over' = 'running';
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;

  constructor(options: NoSpacePauseOptions) {
    this.#options = options;
  }

  /** Synchronous: told many times, by each request that was refused. */
  begin(reason: string): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.#options.onPause(reason);
    this.#lookLater();
  }

  [Symbol.dispose](): void {
    this.#state = 'over';
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const hasAlarm = await this.#hasAlarm();
    if (this.#state !== 'paused') return;
    if (hasAlarm) {
      this.#lookLater();
      return;
    }
    this.#state = 'running';
    this.#options.onResume();
  }

  /** Where nobody answers, it may still be raised. */
  async #hasAlarm(): Promise<boolean> {
    const { connections } = this.#options;
    const connection = connections[this.#asked % connections.length]!;
    this.#asked += 1;
    try {
      const status = await connection.status();
      return status?.errors.some((error) => error.includes('NOSPACE')) ?? true;
    } catch {
      return true;
    }
  }
}
