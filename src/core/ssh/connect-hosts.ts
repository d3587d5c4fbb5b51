import pLimit from 'p-limit';
import type { InventoryHost } from '../config/index.ts';
import { abortReason } from './abort-reason.ts';
import type { Executor, PushContent, PushOptions, PushResult, RunOptions, RunResult } from './executor.ts';
import { HostKeys } from './host-keys.ts';
import type { Prompt } from './prompt.ts';
import { TargetResolver } from './resolve-target.ts';
import { ConnectError } from './ssh-error.ts';
import type { SshExecutor } from './ssh-executor.ts';
import type { SshTarget } from './ssh-target.ts';

/** sshd refuses some of more than ten unauthenticated connections (MaxStartups 10:30:100). */
const MAX_STARTS_PER_SERVER = 8;

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
  [Symbol.asyncDispose](): Promise<void>;
}

/** One connection for each host, made when first needed and used for all that is done there. */
export function connectHosts(hosts: readonly InventoryHost[], options: ConnectHostsOptions = {}): HostConnections {
  const { acceptNew, signal, connectTimeoutMs = 10_000, keepaliveMs = 15_000 } = options;
  const prompt = underSignal(options.prompt, signal);
  const hostKeys = new HostKeys(
    acceptNew === true ? { kind: 'accept' } : prompt === undefined ? { kind: 'refuse' } : { kind: 'ask', prompt },
  );
  const resolver = new TargetResolver();
  const starts = new StartLimits(options.forks ?? 64);
  let loading: ReturnType<typeof loadParts> | undefined;
  // On demand: ssh2 and its ciphers cost a tenth of a second that --help and dry runs should not pay.
  const loadParts = async () => {
    const [{ Connector }, { Credentials }, { SshExecutor }] = await Promise.all([
      import('./connector.ts'),
      import('./credentials.ts'),
      import('./ssh-executor.ts'),
    ]);
    const credentials = new Credentials(prompt);
    const connector = new Connector({ hostKeys, credentials, connectTimeoutMs, keepaliveMs, signal });
    return { credentials, connector, SshExecutor };
  };
  const connect = async (host: InventoryHost): Promise<SshExecutor> => {
    loading ??= loadParts();
    const [{ credentials, connector, SshExecutor }, target] = await Promise.all([loading, resolver.resolve(host)]);
    const connection = await retryConnect(() => starts.run(target, () => connector.open(target)), signal);
    return new SshExecutor(connection, {
      name: host.name,
      user: target.user,
      become: host.become,
      becomePassword: async () =>
        (await credentials.configuredPassword(target)) ?? (await credentials.askedPassword(target.user)),
    });
  };
  const executors = new Map(hosts.map((host) => [host.name, new LazyExecutor(host.name, () => connect(host))]));
  const close = async () => {
    await Promise.all([...executors.values()].map((executor) => executor.close()));
    await (await loading)?.connector.close();
  };
  return {
    executor(name) {
      const executor = executors.get(name);
      if (executor === undefined) throw new Error(`no host ${name} among those to connect to`);
      return executor;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Questions that end with the work they are asked for. */
function underSignal(prompt: Prompt | undefined, signal: AbortSignal | undefined): Prompt | undefined {
  if (prompt === undefined) return undefined;
  return {
    confirm: (question) => prompt.confirm(question, signal),
    secret: (question) => prompt.secret(question, signal),
  };
}

/** How many connections are being made: in all, and to one sshd. */
class StartLimits {
  readonly #all: ReturnType<typeof pLimit>;
  readonly #servers = new Map<string, ReturnType<typeof pLimit>>();

  constructor(forks: number) {
    this.#all = pLimit(forks);
  }

  run<T>({ host, port }: SshTarget, start: () => Promise<T>): Promise<T> {
    const key = `${host}:${port}`;
    const server = this.#servers.get(key) ?? pLimit(MAX_STARTS_PER_SERVER);
    this.#servers.set(key, server);
    return server(() => this.#all(start));
  }
}

/** Only making a connection is tried again, never a command. Waits 0.2 s, 0.4 s, 0.8 s, …, give or take half. */
async function retryConnect<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConnectError) || tries > error.retries) throw error;
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
