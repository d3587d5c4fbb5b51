import type { AgentsConfigInput } from '../protocol/index.ts';
import { processName } from './election-processes.ts';
import { processAccess } from './process-access.ts';
import type { Site } from './site.ts';
import type { PlannedProcess } from './start-processes.ts';

export interface AgentsOptions {
  /** On each host. */
  readonly count: number;
  /** A connection for each agent, or so many for all of a process. */
  readonly connections: 'own' | { readonly shared: number };
  readonly jitterMs: number;
  readonly durationMs?: number | undefined;
  /** How long to wait until all are registered. */
  readonly timeoutMs: number;
}

export interface PlannedAgents extends PlannedProcess {
  readonly config: AgentsConfigInput;
}

/** One process looks after at most so many agents: its one core must keep up with a failover. */
const agentsPerProcess = 10_000;
/** Files that a process needs beside its agents' connections. */
const spareFiles = 256;

/** As few processes on each host as can look after its agents, with agents shared out evenly. */
export function planAgents(site: Site, options: AgentsOptions): PlannedAgents[] {
  return site.agents.flatMap((host) =>
    shareOut(options.count, Math.ceil(options.count / agentsPerProcess)).map(({ first, count }, index) => {
      const connections = options.connections === 'own' ? count : options.connections.shared;
      return {
        host,
        kind: 'agents',
        name: processName('agents', index + 1),
        nofile: connections + spareFiles,
        config: {
          ...processAccess(site.access),
          host: host.name,
          count,
          firstIndex: first,
          connections: options.connections,
          jitterMs: options.jitterMs,
          ...(options.durationMs !== undefined && { durationMs: options.durationMs }),
        },
      };
    }),
  );
}

/** `total` in `parts` runs that follow one another and differ in length by at most one. */
export function shareOut(total: number, parts: number): { readonly first: number; readonly count: number }[] {
  let first = 0;
  return Array.from({ length: parts }, (_, part) => {
    const count = Math.floor((total * (part + 1)) / parts) - first;
    const share = { first, count };
    first += count;
    return share;
  });
}
