import { clusterFlags, Flags, hostFlags } from '@etcdperf/core/cli';
import { type Connections, parseConnections } from './connections.ts';

/** What every command of an election understands. */
export const siteFlags = { ...hostFlags, ...clusterFlags };

/** Nobody has more agents or keys than that; a number beyond it is a slip of the fingers. */
export const atMost = 1_000_000;

export const connectionsFlag = Flags.custom<Connections>({
  parse: async (text) => parseConnections(text),
  helpValue: 'own|shared:N',
  description: 'a connection for each agent, or N for all agents of a process',
  default: 'own',
});
