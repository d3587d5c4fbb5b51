import { type Inventory, type InventoryHost, selectHosts } from '@etcdperf/core/config';
import { connectHosts, type Executor, terminalPrompt } from '@etcdperf/core/ssh';

/** The chosen hosts with a connection each, made at first use and closed with this. */
export interface OpenHosts extends AsyncDisposable {
  readonly hosts: readonly InventoryHost[];
  readonly executors: readonly Executor[];
}

export interface OpenHostsFlags {
  readonly limit?: string | undefined;
  readonly forks: number;
  readonly 'accept-new': boolean;
  /** Seconds. */
  readonly 'connect-timeout'?: number;
}

/** Throws InputError on a pattern that names nothing. Asks at the terminal, if there is one, about keys and passwords. */
export function openHosts(inventory: Inventory, flags: OpenHostsFlags, signal: AbortSignal): OpenHosts {
  const hosts = selectHosts(inventory, { limit: flags.limit });
  const connectTimeout = flags['connect-timeout'];
  const connections = connectHosts(hosts, {
    signal,
    forks: flags.forks,
    acceptNew: flags['accept-new'],
    prompt: terminalPrompt(),
    connectTimeoutMs: connectTimeout === undefined ? undefined : connectTimeout * 1000,
  });
  return {
    hosts,
    executors: hosts.map(({ name }) => connections.executor(name)),
    [Symbol.asyncDispose]: () => connections.close(),
  };
}
