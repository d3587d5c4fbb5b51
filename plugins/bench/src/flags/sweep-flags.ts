import { clusterFlags, Flags, inventoryFlags, runsDirFlag } from '@etcdperf/core/cli';

const list = (description: string) => Flags.string({ description, helpValue: 'LIST', helpGroup: 'LIST' });

/** The flags of commands that are lists here. Any other is varied with `--vary`. */
export const listFlags = {
  'key-count': list('how many keys one read of the range test returns'),
  consistency: list('l (linearizable), s (serializable)'),
  'val-size': list('bytes of a value'),
  'key-size': list('digits of a key'),
  'key-space-size': list('how many different keys there are'),
  connections: Flags.string({
    description: 'connections to etcd',
    helpValue: 'LIST',
    helpGroup: 'LIST',
    aliases: ['conns'],
  }),
  clients: list('callers that wait for their answers'),
  rate: list('requests per second of an open loop'),
  streams: list('watch streams'),
  'watch-per-stream': list('watches of a stream (bench:watch)'),
  'watchers-per-stream': list('watches of a stream (bench:watch-latency)'),
  watchers: list('watches (bench:watch-get)'),
};

/** Lists, and what is the sweep's own. */
export const sweepFlags = {
  ...listFlags,
  vary: Flags.string({
    description: 'any other flag of the command and its values, like txn-ops=1,10,100; may be given several times',
    helpValue: 'FLAG=LIST',
    helpGroup: 'LIST',
    multiple: true,
    multipleNonGreedy: true,
  }),
  repeat: Flags.integer({ description: 'how often each combination is measured', default: 3, min: 1, max: 1000 }),
  prefix: Flags.string({
    description: 'of the range test’s keys (default: bench/sweep/); else the command’s own',
    helpValue: 'TEXT',
  }),
  cleanup: Flags.boolean({ description: 'delete what was written, afterwards' }),
  ...inventoryFlags,
  ...clusterFlags,
  ...runsDirFlag,
};
