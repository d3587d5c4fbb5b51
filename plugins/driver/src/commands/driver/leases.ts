import { durationFlag, exitCodeOf, Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadReport } from '@etcdperf/core/load';
import { DriverCommand } from '../../driver-command.ts';
import { secondsFlag } from '../../flags/seconds-flag.ts';
import { standingFlags, standingSettingsFrom } from '../../flags/standing-flags.ts';
import { renderHeldLeases } from '../../render/render-held-leases.ts';
import type { HeldLeaseExtra } from '../../services/leases/held-lease-work.ts';

export default class DriverLeases extends DriverCommand {
  static override summary = 'hold very many leases beside other load, for as long as it runs';
  static override description =
    'Grants --count leases evenly over --ramp and keeps each of them alive every third of its TTL, all evenly spread. ' +
    'Leases that etcd refuses or lets run out are counted, and granted anew. In the end all are revoked, also after ' +
    'Ctrl-C (a second Ctrl-C leaves them to run out).\n\n' +
    'It ends after --duration, or --hold after the ramp, or when the end key is written true, or with Ctrl-C.';

  static override examples = [
    {
      description: 'as many as were seen in production, granted over forty minutes, until the end key is written',
      command: '<%= config.bin %> <%= command.id %> --count 250000 --ttl 2000s --ramp 40m --conns 4',
    },
    {
      description: 'a thousand, granted within two seconds, held for three',
      command: '<%= config.bin %> <%= command.id %> --count 1000 --ttl 60 --ramp 2s --hold 3s',
    },
  ];

  static override flags = {
    ...standingFlags,
    count: Flags.integer({
      description: 'how many leases',
      default: 5000,
      min: 1,
      max: 2_000_000,
      helpValue: 'LEASES',
    }),
    ttl: secondsFlag({
      description: 'the time to live that is asked for; etcd raises short ones, and what it granted is told',
      default: 2_000_000,
      defaultHelp: async () => '2000s',
    }),
    ramp: secondsFlag({
      description: 'grant them evenly within so long',
      defaultHelp: async () => 'as fast as etcd answers',
    }),
    hold: durationFlag({ description: 'end so long after the ramp', exclusive: ['duration'] }),
    duration: durationFlag({ description: 'end after so long, the ramp included', exclusive: ['hold'] }),
    end: Flags.option({
      options: ['revoke', 'expire'] as const,
      description: 'in the end revoke them, or let them run out',
      default: 'revoke' as const,
    })(),
  };

  async run(): Promise<LoadReport & HeldLeaseExtra> {
    const { flags } = await this.parse(DriverLeases);
    const { count, ttl, ramp = 0, hold, duration, end, conns: connections = 1 } = flags;
    if (ttl === 'off') throw new InputError('a lease needs a time to live', { where: '--ttl' });
    const rampMs = ramp === 'off' ? 0 : ramp;
    const timeoutMs = orDefault(flags['client-timeout']);
    const settings = await standingSettingsFrom(flags, await this.site(flags), {
      command: 'driver:leases',
      version: this.config.version,
      durationMs: hold === undefined ? duration : rampMs + hold,
      connections,
      timeoutMs,
      seed: 0,
    });
    const { runStanding } = await import('../../services/stand/run-standing.ts');
    const { heldLeaseWork } = await import('../../services/leases/held-lease-work.ts');
    const leases = { count, ttlSeconds: Math.max(1, Math.ceil(ttl / 1000)), rampMs };
    const held = heldLeaseWork({ leases, connections, timeoutMs, end, interruption: this.signal });
    const report = await runStanding(settings, held, this.context());
    this.print(renderHeldLeases(report, { isPrecise: flags.precise }));
    this.endWith(exitCodeOf(report));
    return report;
  }
}

const DEFAULT_TIMEOUT_MS = 10_000;

function orDefault(timeoutMs: number | 'off' | undefined): number {
  return timeoutMs === undefined || timeoutMs === 'off' ? DEFAULT_TIMEOUT_MS : timeoutMs;
}
