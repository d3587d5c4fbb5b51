import { Flags, loadPlanFrom } from '@etcdperf/core/cli';
import { BenchCommand, benchFlags } from '../../bench-command.ts';
import { ttlFlag } from '../../flags/lease-flags.ts';
import { renderKeptLeases } from '../../render/render-leases.ts';
import type { LeaseKeepaliveReport } from '../../services/lease/lease-keepalive-work.ts';

export default class BenchLeaseKeepalive extends BenchCommand {
  static override summary = 'keep leases alive';
  static override description =
    'Grants one lease for each client (or --leases), keeps them alive in turn, and revokes them at the end. Each ' +
    'keepalive has a stream of its own, as in etcd’s own benchmark; --streams shared sends all of a connection over ' +
    'one, as etcd’s clients do. The TTL that etcd granted is told.';

  static override examples = [
    { description: '10000 keepalives, one after the other', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'peak throughput: 1000 callers with a lease each, on 100 connections',
      command: '<%= config.bin %> <%= command.id %> --connections 100 --clients 1000 --total 50000',
    },
    {
      description: '5000 leases, each kept alive twice a minute, on ten streams',
      command:
        '<%= config.bin %> <%= command.id %> --leases 5000 --ttl 60 --rate 10000/m --duration 5s --connections 10 --streams shared',
    },
  ];

  static override flags = {
    ...benchFlags,
    ...ttlFlag(100),
    leases: Flags.integer({
      description: 'how many leases there are',
      defaultHelp: async () => 'as many as --clients',
      min: 1,
      max: 1_000_000,
      helpValue: 'LEASES',
    }),
    streams: Flags.option({
      options: ['call', 'shared'] as const,
      description: 'a stream for each keepalive, or one for all of a connection',
      default: 'call' as const,
    })(),
  };

  async run(): Promise<LeaseKeepaliveReport> {
    const { flags } = await this.parse(BenchLeaseKeepalive);
    const plan = loadPlanFrom(flags);
    const { ttl: ttlSeconds, leases = plan.clients, streams } = flags;
    const settings = await this.settings(flags, plan);
    const { leaseKeepaliveWork } = await import('../../services/lease/lease-keepalive-work.ts');
    const report = await this.bench(settings, leaseKeepaliveWork({ leases, ttlSeconds, streams, plan }));
    this.show(report, renderKeptLeases(report));
    return report;
  }
}
