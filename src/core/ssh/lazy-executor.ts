import type { Executor, PushContent, PushOptions, PushResult, RunOptions, RunResult } from './executor.ts';
import type { SshExecutor } from './ssh-executor.ts';

/**
 * Connects at its first use. If that fails it stays so: no host that is down is waited for twice in one command.
 * A connection that was lost later is made anew at each use.
 */
export class LazyExecutor implements Executor {
  readonly kind = 'ssh';
  readonly name: string;
  readonly #connect: () => Promise<SshExecutor>;
  #connected: Promise<SshExecutor> | undefined;

  constructor(name: string, connect: () => Promise<SshExecutor>) {
    this.name = name;
    this.#connect = connect;
  }

  async #executor(): Promise<SshExecutor> {
    this.#connected ??= this.#connect();
    const executor = await this.#connected;
    if (executor.alive) return executor;
    const again = this.#connect();
    this.#connected = again;
    again.catch(() => {
      if (this.#connected === again) this.#connected = Promise.resolve(executor);
    });
    return again;
  }

  async run(argv: readonly string[], options?: RunOptions): Promise<RunResult> {
    return (await this.#executor()).run(argv, options);
  }

  async script(source: string, args?: readonly string[], options?: RunOptions): Promise<RunResult> {
    return (await this.#executor()).script(source, args, options);
  }

  async push(content: PushContent, remotePath: string, options?: PushOptions): Promise<PushResult> {
    return (await this.#executor()).push(content, remotePath, options);
  }

  async fetch(remotePath: string, offset?: number, options?: { readonly signal?: AbortSignal }): Promise<Buffer> {
    return (await this.#executor()).fetch(remotePath, offset, options);
  }

  async close(): Promise<void> {
    const connected = this.#connected;
    this.#connected = undefined;
    await connected?.then(
      (executor) => executor.close(),
      () => undefined,
    );
  }
}
