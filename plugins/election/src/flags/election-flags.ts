import { Flags, hostFlags } from '@etcdperf/core/cli';
import { type Connections, parseConnections } from './connections.ts';
import { parseDuration } from './duration.ts';

/** Which cluster an election is held on, and how it is reached. */
export const clusterFlags = {
  cluster: Flags.string({
    char: 'c',
    description: "the cluster's name in the inventory (or of a local one); needless where there is only one",
    helpValue: 'NAME',
  }),
  endpoints: Flags.string({
    description: "the cluster's client URLs, instead of those in the inventory",
    env: 'ETCDPERF_ENDPOINTS',
    helpValue: 'URL,…',
  }),
  cacert: Flags.string({ description: 'the CA that signed the members’ certificates', helpValue: 'FILE' }),
  cert: Flags.string({ description: 'the certificate to show to the members', helpValue: 'FILE', dependsOn: ['key'] }),
  key: Flags.string({ description: 'its key', helpValue: 'FILE', dependsOn: ['cert'] }),
  user: Flags.string({
    description: 'who to log in as; the password comes from --password-file or $ETCDPERF_PASSWORD',
    helpValue: 'NAME',
  }),
  'password-file': Flags.string({
    description: 'a file whose first line is the password',
    helpValue: 'FILE',
    dependsOn: ['user'],
  }),
};

/** What every command of an election understands. */
export const siteFlags = { ...hostFlags, ...clusterFlags };

export const runsDirFlag = {
  'runs-dir': Flags.string({
    description: 'where the run folder goes; else what the inventory says, else ./runs',
    helpValue: 'DIR',
  }),
};

/** Nobody has more agents or keys than that; a number beyond it is a slip of the fingers. */
export const atMost = 1_000_000;

/** `500ms`, `2s`, `10m`, as milliseconds. */
export const durationFlag = Flags.custom<number>({
  parse: async (text) => parseDuration(text),
  helpValue: 'DURATION',
});

export const connectionsFlag = Flags.custom<Connections>({
  parse: async (text) => parseConnections(text),
  helpValue: 'own|shared:N',
  description: 'a connection for each agent, or N for all agents of a process',
  default: 'own',
});
