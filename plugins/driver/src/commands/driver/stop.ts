import { durationFlag, Flags } from '@etcdperf/core/cli';
import { DriverCommand } from '../../driver-command.ts';
import { endKeyFlag, siteFlags } from '../../flags/site-flags.ts';
import { renderStop } from '../../render/render-stop.ts';
import type { StopReport } from '../../services/control/stop-drivers.ts';

export default class DriverStop extends DriverCommand {
  static override summary = 'end the drivers of a test, and wait until each has confirmed';
  static override description =
    'Writes true to the end key. Drivers watch it, read it at intervals, and read it when they begin, so that one that ' +
    'is moved to another host just now ends, too. Waits until each of them has written its summary and said so. Exit ' +
    'code 1 when a driver did not end in time, or is gone without a summary. With no driver there is nothing to wait ' +
    'for; the key is written all the same.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'and let the next test begin',
      command: '<%= config.bin %> <%= command.id %> --clear',
    },
    {
      description: 'a test with an end key of its own, on a control cluster of its own',
      command:
        '<%= config.bin %> <%= command.id %> --test-end-key /tests/7/end --control-endpoints http://127.0.0.1:2379',
    },
  ];

  static override flags = {
    ...siteFlags,
    ...endKeyFlag,
    timeout: durationFlag({
      description: 'how long the drivers may take: each finishes what it has under way, and verifies',
      default: 300_000,
      defaultHelp: async () => '5m',
    }),
    clear: Flags.boolean({
      description: 'when all have ended, delete the end key and what is kept in etcd of their runs',
    }),
  };

  async run(): Promise<StopReport> {
    const { flags } = await this.parse(DriverStop);
    const { controlAccess } = await this.site(flags);
    const { stopDrivers } = await import('../../services/control/stop-drivers.ts');
    const report = await stopDrivers(
      { controlAccess, endKey: flags['test-end-key'], timeoutMs: flags.timeout, isCleared: flags.clear },
      this.context(),
    );
    this.print(renderStop(report));
    if (report.drivers.some(({ status }) => status !== 'confirmed')) this.endWith(1);
    return report;
  }
}
