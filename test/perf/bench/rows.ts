/** Where etcd runs: what differs from place to place is what limits. */
export type Place =
  /** One member in memory without fsync: the client is the limit. */
  | 'memory'
  /** The same behind TLS 1.3 with ECDSA certificates. */
  | 'tls'
  /** Three members on the disk, with fsync. */
  | 'disk';

/** A row of the table: one kind of load, ours beside Go's. */
export interface Row {
  readonly name: string;
  readonly place: Place;
  readonly connections: number;
  readonly clients: number;
  /** Of all requests, or puts of a watch row; `--total` over this. */
  readonly divisor: number;
  /** Command and flags, the same words for both tools; `TOTAL` is put in by the caller. */
  readonly command: 'put' | 'range' | 'txn-put' | 'txn-mixed' | 'watch';
  readonly args: readonly string[];
  /** The total's flag: `--total`, of watches `--put-total`. */
  readonly totalFlag: string;
  /** At least, ours over Go's. */
  readonly limits: { readonly perCpuSecond: number; readonly throughput: number };
}

/** The key that range rows read; 256 bytes are put there first. */
export const RANGE_KEY = 'perf-range-key';

const PUT = ['--key-size=8', '--val-size=256', '--key-space-size=100000'];
const WORKS = {
  put: { command: 'put', args: PUT },
  'range-l': { command: 'range', args: [RANGE_KEY, '--consistency=l'] },
  'range-s': { command: 'range', args: [RANGE_KEY, '--consistency=s'] },
} as const;

const plain = (['memory', 'disk'] as const).flatMap((place) => [
  ...threeWorks(place, 100, 1000, { perCpuSecond: 5, throughput: 1.3 }),
  ...threeWorks(place, 1, 1, { perCpuSecond: 2.5, throughput: 1.2 }),
  ...threeWorks(place, 100, 100, { perCpuSecond: 3.5, throughput: 1.5 }),
  row(place, 'txn-put', 100, 1000, {
    args: [...PUT, '--txn-ops=10'],
    limits: { perCpuSecond: 4, throughput: 1.1 },
  }),
  // A hundred keys: etcd counts all of them for every read, however few it returns.
  row(place, 'txn-mixed', 100, 1000, {
    args: ['--key-size=8', '--val-size=256', '--key-space-size=100', '--limit=10'],
    limits: { perCpuSecond: 4, throughput: 1.1 },
  }),
  // Every put is an event for 100 watches: a million events with 100,000 requested.
  row(place, 'watch', 100, 100, {
    args: ['--streams=100', '--watch-per-stream=100', '--watched-key-total=100', '--key-space-size=100'].concat(
      '--sequential-keys',
    ),
    limits: { perCpuSecond: 4, throughput: 1 },
    divisor: 10,
    totalFlag: '--put-total',
  }),
]);

export const ROWS: readonly Row[] = [
  ...plain.filter(({ place }) => place === 'memory'),
  ...threeWorks('tls', 100, 1000, { perCpuSecond: 3, throughput: 1.3 }),
  ...plain.filter(({ place }) => place === 'disk'),
];

function threeWorks(place: Place, connections: number, clients: number, limits: Row['limits']): Row[] {
  return Object.entries(WORKS).map(([work, { command, args }]) => {
    // One writer waits for the disk all the time: fewer requests measure it as well.
    const divisor = place === 'disk' && clients === 1 && command === 'put' ? 10 : 1;
    return row(place, command, connections, clients, { args, limits, divisor, work });
  });
}

function row(
  place: Place,
  command: Row['command'],
  connections: number,
  clients: number,
  rest: Pick<Row, 'args' | 'limits'> & Partial<Pick<Row, 'divisor' | 'totalFlag'>> & { readonly work?: string },
): Row {
  const { work = command, divisor = 1, totalFlag = '--total', args, limits } = rest;
  const name = [...(place === 'memory' ? [] : [place]), work, connections, clients].join('-');
  return { name, place, connections, clients, command, args, limits, divisor, totalFlag };
}
