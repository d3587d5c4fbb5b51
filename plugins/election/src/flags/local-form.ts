import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { AgentsOptions } from '../services/plan-agents.ts';
import type { Connections } from './connections.ts';
import { atMost } from './election-flags.ts';

/** What is started where the whole experiment is held on this machine. */
export const localFlags = {
  candidates: Flags.integer({ description: '[on this machine] how many candidates; else 3', min: 2, max: 1000 }),
  agents: Flags.integer({ description: '[on this machine] how many agents; else 1000', min: 1, max: atMost }),
  keys: Flags.integer({
    description: '[on this machine] how many keys the store is filled with',
    default: 10_000,
    min: 0,
    max: atMost,
  }),
};

/** The agents of the local form. */
export function localAgents(flags: {
  readonly agents?: number | undefined;
  readonly connections: Connections;
  readonly jitter: number;
  readonly timeout: number;
}): AgentsOptions {
  const { agents = 1000, connections, jitter, timeout } = flags;
  return { count: agents, connections, jitterMs: jitter, timeoutMs: timeout };
}

/**
 * Whether a failover is wished on this machine alone: `--candidates` and `--agents` only make sense there. Throws
 * InputError when a cluster or hosts are named, too.
 */
export function wantsLocalForm(flags: {
  readonly candidates?: number | undefined;
  readonly agents?: number | undefined;
  readonly inventory?: string | undefined;
  readonly endpoints?: string | undefined;
  readonly cluster?: string | undefined;
  readonly limit?: string | undefined;
}): boolean {
  const local = (['candidates', 'agents'] as const).filter((name) => flags[name] !== undefined);
  if (local.length === 0) return false;
  const named = (['inventory', 'endpoints', 'cluster', 'limit'] as const).filter((name) => flags[name] !== undefined);
  if (named.length === 0) return true;
  throw new InputError(
    `--${local[0]} holds the whole experiment on this machine, and --${named[0]} names another place`,
    {
      where: `--${local[0]}`,
      hint: 'leave one of them out; on hosts, election:masters and election:agents start candidates and agents',
    },
  );
}
