import { loadPlanFrom } from '@etcdperf/core/cli';
import { BenchCommand } from '../../bench-command.ts';
import { grantPace, leaseHoldFlags } from '../../flags/lease-hold-flags.ts';
import { renderHeldLeases } from '../../render/render-leases.ts';
import type { LeaseHoldReport } from '../../services/lease/lease-hold-work.ts';

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

  static override flags = leaseHoldFlags;

  async run(): Promise<LeaseHoldReport> {
    const { flags } = await this.parse(BenchLeaseHold);
    const { count, hold: holdMs, ttl: ttlSeconds, streams, end } = flags;
    const load = {
      ...flags,
      rate: grantPace(flags),
      total: count,
      duration: undefined,
      warmup: 0,
      threads: 1,
      clients: undefined,
    };
    const settings = await this.settings(load, loadPlanFrom(load));
    const { leaseHoldWork } = await import('../../services/lease/lease-hold-work.ts');
    const keys = flags['attach-keys'] ? { prefix: flags.prefix, digits: 8, size: count } : undefined;
    const report = await this.bench(settings, leaseHoldWork({ count, ttlSeconds, holdMs, streams, end, keys }));
    this.show(report, renderHeldLeases({ ...report, isCleanedUp: flags.cleanup }));
    return report;
  }
}
