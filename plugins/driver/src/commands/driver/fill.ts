import { chooseRunsDir, exitCodeOf, ownAddress, rulesFrom, targetFrom } from '@etcdperf/core/cli';
import { DriverCommand } from '../../driver-command.ts';
import { fillFlags, fillGoal } from '../../flags/fill-flags.ts';
import { renderFill } from '../../render/render-fill.ts';
import type { FillReport } from '../../services/fill/fill-database.ts';

export default class DriverFill extends DriverCommand {
  static override summary = 'fill the database with keys of a pattern, up to a size or a number of keys';
  static override description =
    'Writes keys as fast as etcd takes them. With --gb it ends when so many GB of the largest member’s database are in ' +
    'use: what earlier revisions take is part of that until they are compacted. It writes nothing where etcd’s quota has ' +
    'no room for it, and ends before etcd would refuse all writes. Exit code 1 when it ends earlier than asked.';

  static override examples = [
    {
      description: 'a database of 1.5 GB, of etcd’s default quota of 2 GB',
      command: '<%= config.bin %> <%= command.id %> --gb 1.5',
    },
    {
      description: 'ten thousand keys of a pattern of your own, deleted again',
      command:
        "<%= config.bin %> <%= command.id %> --keys 10000 --pattern '/fill/%batch-%06d[100]/%key-%04d[1000];#512' --cleanup",
    },
  ];

  static override flags = fillFlags;

  async run(): Promise<FillReport> {
    const { flags } = await this.parse(DriverFill);
    const goal = fillGoal(flags);
    const { inventory, access } = await this.site(flags);
    const { 'password-file': _passwordFile, json: _json, ...config } = flags as typeof flags & { json?: boolean };
    const timeout = flags['client-timeout'];
    const { fillDatabase } = await import('../../services/fill/fill-database.ts');
    const report = await fillDatabase(
      {
        command: 'driver:fill',
        version: this.config.version,
        inventory,
        config,
        runsDir: await chooseRunsDir(flags, inventory),
        access,
        target: targetFrom(flags),
        goal,
        pattern: flags.pattern,
        rules: rulesFrom(flags.rule ?? []),
        ip: flags.ip ?? ownAddress(),
        seed: flags.seed ?? 1,
        connections: flags.conns,
        clients: flags.clients,
        timeoutMs: timeout === undefined || timeout === 'off' ? 10_000 : timeout,
        thresholds: flags.threshold ?? [],
        intervalMs: flags.interval,
        isCleanedUp: flags.cleanup,
      },
      this.context(),
    );
    this.print(renderFill(report, { isPrecise: flags.precise }));
    this.endWith(exitCodeOf(report) === 0 && !report.fill.isReached ? 1 : exitCodeOf(report));
    return report;
  }
}
