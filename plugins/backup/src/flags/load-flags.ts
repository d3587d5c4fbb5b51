import {
  clusterFlags,
  dryRunFlag,
  durationFlag,
  Flags,
  inventoryFlags,
  runsDirFlag,
  targetFlags,
} from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadManner, LoadTask } from '../services/load/load-settings.ts';

const COUNT = { min: 1, helpValue: 'N' };
/** What a request has besides keys and values must fit into etcd's own limit, too. */
const BATCH_BYTES = 1_000_000;

/** All that `backup:load` understands. */
export const loadDumpFlags = {
  ...inventoryFlags,
  ...clusterFlags,
  ...targetFlags,
  prefix: Flags.string({
    description: 'put only the keys below it; may be given several times',
    multiple: true,
    multipleNonGreedy: true,
    defaultHelp: async () => 'all keys of the dump',
    helpValue: 'PREFIX',
    exclusive: ['resume'],
  }),
  overwrite: Flags.boolean({
    description: 'put all keys, whatever is there',
    exclusive: ['only-missing', 'resume'],
  }),
  'only-missing': Flags.boolean({
    description: 'put only keys that are not there: each is looked at and put in one transaction',
    exclusive: ['overwrite', 'resume'],
  }),
  leases: Flags.option({
    options: ['renew', 'drop'] as const,
    description:
      'renew: grant them again under the same ids, with the time that they had left, which begins when all keys are there; drop: put keys without',
    default: 'renew',
    helpValue: 'renew|drop',
  })(),
  unverified: Flags.boolean({
    description:
      'take a dump of which nobody can tell whether it is whole, too: without a manifest, incomplete, or from standard input',
    exclusive: ['resume'],
  }),
  resume: Flags.string({
    description: 'go on with a load that was killed, interrupted or stopped: the id of its run, or a part of it',
    helpValue: 'RUN',
    exclusive: ['dry-run'],
  }),
  rate: Flags.custom<number>({
    parse: async (text) => parseKeyRate(text),
    description: 'put so many keys a second: 5000, 5000/s, 100/m',
    defaultHelp: async () => 'as fast as etcd takes them',
    helpValue: 'RATE',
  })(),
  batch: Flags.integer({
    ...COUNT,
    description: 'keys of a transaction: at most the members’ --max-txn-ops',
    default: 128,
    max: 65_536,
  }),
  'batch-bytes': Flags.integer({
    ...COUNT,
    description: 'bytes of a transaction’s keys and values; a key that has more is put alone',
    default: BATCH_BYTES,
    helpValue: 'BYTES',
  }),
  connections: Flags.integer({ ...COUNT, description: 'connections to etcd', default: 4, max: 1000 }),
  clients: Flags.integer({
    ...COUNT,
    description: 'transactions without an answer at any moment, over all connections',
    default: 16,
    max: 10_000,
  }),
  timeout: durationFlag({
    description: 'a transaction without an answer for so long is sent again',
    default: 10_000,
    defaultHelp: async () => '10s',
  }),
  patience: durationFlag({
    description: 'how long etcd may take nothing at all before the load stops, to be resumed',
    default: 60_000,
    defaultHelp: async () => '1m',
  }),
  ...dryRunFlag,
  ...runsDirFlag,
};

interface TaskFlagValues {
  readonly prefix?: readonly string[] | undefined;
  readonly overwrite: boolean;
  readonly 'only-missing': boolean;
  readonly leases: 'renew' | 'drop';
  readonly unverified: boolean;
}

export function loadTaskFrom(file: string, flags: TaskFlagValues): LoadTask {
  return {
    file,
    mode: flags.overwrite ? 'overwrite' : flags['only-missing'] ? 'only-missing' : 'empty',
    leases: flags.leases,
    prefixes: (flags.prefix ?? []).map((prefix) => Buffer.from(prefix)),
    isUnverified: flags.unverified,
  };
}

interface MannerFlagValues {
  readonly connections: number;
  readonly clients: number;
  readonly rate?: number | undefined;
  readonly batch: number;
  readonly 'batch-bytes': number;
  readonly timeout: number;
  readonly patience: number;
}

export function loadMannerFrom(flags: MannerFlagValues): LoadManner {
  return {
    connections: Math.min(flags.connections, flags.clients),
    clients: flags.clients,
    ratePerSec: flags.rate,
    batchKeys: flags.batch,
    batchBytes: flags['batch-bytes'],
    timeoutMs: flags.timeout,
    patienceMs: flags.patience,
  };
}

async function parseKeyRate(text: string): Promise<number> {
  const pace = (await import('@etcdperf/core/load')).parseRate(text);
  if (pace.kind === 'open') return pace.ratePerSec;
  throw new InputError('no keys a second are none at all: leave --rate out to put them as fast as etcd takes them', {
    where: '--rate',
  });
}
