import { durationFlag, Flags, loadPlanFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { BenchCommand, benchFlags } from '../../bench-command.ts';
import { ttlFlag } from '../../flags/lease-flags.ts';
import { rateFlag } from '../../flags/rate-flag.ts';
import { renderHeldLeases } from '../../render/render-leases.ts';
import type { LeaseHoldReport } from '../../services/lease/lease-hold-work.ts';

// How long it takes follows from --count, --rate and --hold.
const {
  total: _total,
  duration: _duration,
  warmup: _warmup,
  threads: _threads,
  clients: _clients,
  ...flagsOfLoad
} = benchFlags;

export default class BenchLeaseHold extends BenchCommand {
  static override summary = 'hold very many leases, then end them all';
  static override description =
    'Grants --count leases at a rate, keeps each of them alive every third of its TTL, all evenly spread, holds them for ' +
    '--hold, and ends them: either nobody keeps them alive any more and they run out, or they are revoked. Keepalives ' +
    'that are late and leases that are lost are counted.\n\n' +
    'etcd looks for leases that ran out every 500 ms and ends 500 of them at most: 250000 that run out together take it ' +
    'more than four minutes. How far it is behind is measured: from the members’ metrics, by looking at a few hundred of ' +
    'the leases one by one, and with --attach-keys by the end of every single one.\n\n' +
    'Ctrl-C stops the keepalives: what was granted runs out within its TTL, or is revoked with --cleanup.';

  static override examples = [
    {
      description: '1000 leases that run out',
      command: '<%= config.bin %> <%= command.id %> --count 1000 --ttl 5 --hold 3s',
    },
    {
      description: 'the backlog of 250000 leases, in some seven minutes',
      command: '<%= config.bin %> <%= command.id %> --count 250000 --rate 5000 --ttl 60 --hold 30s',
    },
    {
      description: 'with keys on them, granted within 2 s, revoked one by one',
      command:
        '<%= config.bin %> <%= command.id %> --count 2000 --ramp 2s --ttl 30 --hold 2s --attach-keys --end revoke --connections 4',
    },
  ];

  static override flags = {
    ...flagsOfLoad,
    ...rateFlag('grant so many leases a second', '5000'),
    ...ttlFlag(60),
    count: Flags.integer({
      description: 'how many leases',
      default: 10_000,
      min: 1,
      max: 2_000_000,
      helpValue: 'LEASES',
    }),
    connections: Flags.integer({
      aliases: ['conns'],
      description: 'how many connections the grants have, and how many the keepalives; also --conns',
      default: 10,
      min: 1,
      max: 10_000,
      helpValue: 'N',
    }),
    ramp: durationFlag({
      description: 'grant them evenly within so long, instead of at a --rate',
      exclusive: ['rate'],
    }),
    hold: durationFlag({
      description: 'how long they are held after the last grant',
      default: 10_000,
      defaultHelp: async () => '10s',
    }),
    streams: Flags.integer({
      description: 'how many keepalive streams, at least one a connection; etcd answers each stream’s one by one',
      default: 100,
      min: 1,
      max: 100_000,
      helpValue: 'N',
    }),
    end: Flags.option({
      options: ['expire', 'revoke'] as const,
      description: 'let them run out, or revoke them at the rate of the grants',
      default: 'expire' as const,
    })(),
    'attach-keys': Flags.boolean({ description: 'put a key with each lease: it goes with the lease' }),
    prefix: Flags.string({
      description: '[with --attach-keys] what these keys begin with',
      default: 'bench/lease/',
      helpValue: 'TEXT',
    }),
  };

  async run(): Promise<LeaseHoldReport> {
    const { flags } = await this.parse(BenchLeaseHold);
    const { count, ramp, hold: holdMs, ttl: ttlSeconds, streams, end } = flags;
    if (flags.rate?.kind === 'closed')
      throw new InputError('leases are granted at a rate: 0 is none', { where: '--rate' });
    const rate = flags.rate ?? { kind: 'open', ratePerSec: ramp === undefined ? DEFAULT_RATE : (count * 1000) / ramp };
    const load = { ...flags, rate, total: count, duration: undefined, warmup: 0, threads: 1, clients: undefined };
    const settings = await this.settings(load, loadPlanFrom(load));
    const { leaseHoldWork } = await import('../../services/lease/lease-hold-work.ts');
    const keys = flags['attach-keys'] ? { prefix: flags.prefix, digits: 8, size: count } : undefined;
    const report = await this.bench(settings, leaseHoldWork({ count, ttlSeconds, holdMs, streams, end, keys }));
    this.show(report, renderHeldLeases({ ...report, isCleanedUp: flags.cleanup }));
    return report;
  }
}

const DEFAULT_RATE = 5000;
