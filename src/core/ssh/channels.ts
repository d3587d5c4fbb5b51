import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientChannel } from 'ssh2';
import { abortReason, OperationError } from '../errors/index.ts';
import type { RunResult } from './executor.ts';
import { ConnectionLostError } from './ssh-error.ts';

export type Exit = Pick<RunResult, 'code' | 'signal'>;

const OPEN_TRIES = 5;

/** The channels of one connection, and whether that still stands. */
export class Channels {
  readonly #client: Client;
  readonly #host: string;
  #open = 0;
  #lost: Error | undefined;

  constructor(client: Client, host: string) {
    this.#client = client;
    this.#host = host;
    client.on('error', (error) => this.lose(error));
    client.on('close', () => this.lose(new Error('connection closed')));
  }

  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** From now on nothing is opened any more. */
  lose(why: Error): void {
    this.#lost ??= why;
  }

  /**
   * Starts a command in a channel of its own. `onExit` hears how it ended. Where no channel can be opened nothing has
   * run, so that is tried again: the host may still count a session that has just ended, or allow fewer than we open.
   */
  async exec(command: string, onExit: (exit: Exit) => void, signal: AbortSignal | undefined): Promise<ClientChannel> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#execOnce(command, onExit);
      } catch (error) {
        if (error instanceof ConnectionLostError || tries === OPEN_TRIES) throw error;
      }
      // While others run, it is their end that is waited for.
      if (this.#open > 0) tries = 1;
      await delay(50 * tries);
      if (signal?.aborted) throw abortReason(signal);
    }
  }

  #execOnce(command: string, onExit: (exit: Exit) => void): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) return reject(this.lostError());
      this.#client.exec(command, (error, channel) => {
        if (error === undefined) {
          this.#open += 1;
          channel.on('close', () => {
            this.#open -= 1;
          });
          // Listens before anything is awaited: a quick command's exit comes in the same packet as its channel.
          channel.on('exit', (code: number | null, name?: string | null) =>
            onExit({ code: code ?? null, signal: name == null ? null : `SIG${name.replace(/^SIG/, '')}` }),
          );
          return resolve(channel);
        }
        if (this.#lost !== undefined) return reject(this.lostError());
        const message = `the host opens no channel: ${error.message}`;
        reject(new OperationError(message, { where: this.#host, cause: error }));
      });
    });
  }

  /** The error for what the connection's end left open. */
  lostError(program?: string): ConnectionLostError {
    const during = program === undefined ? '' : ` while ${program} ran: whether it finished is not known`;
    return new ConnectionLostError(`the connection was lost${during}`, {
      where: this.#host,
      hint: 'is the host still up, and reachable? hosts:check tells',
      cause: this.#lost,
    });
  }
}
