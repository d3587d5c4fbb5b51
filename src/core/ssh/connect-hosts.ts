import pLimit from 'p-limit';
import type { InventoryHost } from '../config/index.ts';
import { abortReason } from './abort-reason.ts';
import type { Executor, PushOptions, PushResult, RunOptions, RunResult } from './executor.ts';
import { HostKeys } from './host-keys.ts';
import type { Prompt } from './prompt.ts';
import { readSecret } from './read-secret.ts';
import { TargetResolver } from './resolve-target.ts';
import { ConnectError } from './ssh-error.ts';
import type { SshExecutor } from './ssh-executor.ts';

/** sshd refuses some of more than ten unauthenticated connections (MaxStartups 10:30:100), here those of a jump host. */
const MAX_STARTS_PER_JUMP = 8;
const CONNECT_TRIES = 3;

export interface ConnectHostsOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many connections are started at once. Default 64. */
  readonly forks?: number | undefined;
  /** Accept and remember host keys that are not known yet. Changed ones are refused all the same. */
  readonly acceptNew?: boolean | undefined;
  /** Who answers questions (unknown host keys, passwords); none by default. */
  readonly prompt?: Prompt | undefined;
  /** Default 10 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** Default 15 s; three without an answer end the connection. */
  readonly keepaliveMs?: number | undefined;
}

export interface HostConnections {
  /** The host's executor. It connects when first used, and anew after its connection was lost. */
  executor(name: string): Executor;
  close(): Promise<void>;
}

/** One connection for each host, made when first needed and used for all that is done there. */
export function connectHosts(hosts: readonly InventoryHost[], options: ConnectHostsOptions = {}): HostConnections {
  const { prompt, acceptNew, forks = 64 } = options;
  const hostKeys = new HostKeys(
    acceptNew === true ? { kind: 'accept' } : prompt === undefined ? { kind: 'refuse' } : { kind: 'ask', prompt },
  );
  const resolver = new TargetResolver();
  const starts = pLimit(forks);
  const jumpStarts = new Map<string, ReturnType<typeof pLimit>>();
  const startsOf = (host: InventoryHost) => {
    const [jump] = host.jump ?? [];
    if (jump === undefined) return starts;
    let limit = jumpStarts.get(jump);
    if (limit === undefined) {
      limit = pLimit(MAX_STARTS_PER_JUMP);
      jumpStarts.set(jump, limit);
    }
    return limit;
  };
  const connect = async (host: InventoryHost): Promise<SshExecutor> => {
    // On demand: ssh2 and its ciphers cost a tenth of a second that --help and dry runs should not pay.
    const [{ openConnection }, { SshExecutor }] = await Promise.all([
      import('./open-connection.ts'),
      import('./ssh-executor.ts'),
    ]);
    const target = await resolver.resolve(host);
    const { signal, connectTimeoutMs = 10_000, keepaliveMs = 15_000 } = options;
    const attempt = () =>
      startsOf(host)(() => openConnection(target, { hostKeys, prompt, connectTimeoutMs, keepaliveMs, signal }));
    const connection = await retryConnect(attempt, signal);
    const { becomePassword } = target;
    return new SshExecutor(connection, {
      name: host.name,
      user: target.user,
      become: host.become,
      becomePassword: async () =>
        becomePassword !== undefined
          ? readSecret(becomePassword, `the password of ${host.name}`)
          : prompt?.secret(`Password of ${target.user}@${host.name} for sudo:`),
    });
  };
  const executors = new Map(hosts.map((host) => [host.name, new LazyExecutor(host.name, () => connect(host))]));
  return {
    executor(name) {
      const executor = executors.get(name);
      if (executor === undefined) throw new Error(`no host ${name} among those to connect to`);
      return executor;
    },
    close: async () => void (await Promise.all([...executors.values()].map((executor) => executor.close()))),
  };
}

/** Only making a connection is tried again, never a command. Waits 0.2 s, then 0.4 s, give or take half. */
async function retryConnect<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConnectError && error.transient) || tries === CONNECT_TRIES) throw error;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, 100 * 2 ** tries * (0.5 + Math.random()));
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    if (signal?.aborted) throw abortReason(signal);
  }
}

/**
 * Connects at its first use. If that fails it stays so: no host that is down is waited for twice in one command.
 * A connection that was lost later is made anew at each use.
 */
class LazyExecutor implements Executor {
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

  async push(
    content: Buffer | { readonly path: string },
    remotePath: string,
    options?: PushOptions,
  ): Promise<PushResult> {
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
