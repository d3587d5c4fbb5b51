import pLimit from 'p-limit';
import type { InventoryHost } from '../config/index.ts';
import type { Executor } from './executor.ts';
import { HostKeys } from './host-keys.ts';
import { LazyExecutor } from './lazy-executor.ts';
import type { Prompt } from './prompt.ts';
import { TargetResolver } from './resolve-target.ts';
import { retryConnect } from './retry-connect.ts';
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
