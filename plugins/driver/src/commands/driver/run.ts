import { DriverCommand } from '../../driver-command.ts';
import { driverSettingsFrom } from '../../flags/driver-settings-from.ts';
import { runFlags } from '../../flags/run-flags.ts';
import { renderDriver } from '../../render/render-driver.ts';

export default class DriverRun extends DriverCommand {
  static override summary =
    'load that looks like production: load keys, then churn, read, watch and lease them at once';
  static override description =
    'Writes all keys of a pattern, and then does everything else at the same time, each at its own rate, whatever the ' +
    'answers do: new values for random keys, subtrees deleted and written anew, range requests, watches, re-reads of what ' +
    'is watched, leases. Latency counts from when a request was due.\n\n' +
    'It ends after --duration, when the end key is written true (driver:stop does it), or with Ctrl-C or SIGTERM: the ' +
    'summary is then written within 10 s. Rates without a unit are per hour.';

  static override examples = [
    {
      description: '120000 keys, then churn and reads for ten minutes',
      command:
        "<%= config.bin %> <%= command.id %> --pattern '/prefix/:ip/%zone-%02d[24]/%app-%03d[500]/%leaf-%d[10];[0-9]{140,160}' --clients 20 --conns 20 --churn-val-rate 7920 --churn-level 3 --churn-level-pct 5 --churn-level-rate 250 --get-level 4 --get-rate 120/s --duration 10m --csv-file driver.csv --stats-interval 60",
    },
    {
      description: 'a preset, everything checked that etcd acknowledges',
      command: '<%= config.bin %> <%= command.id %> --workload kubernetes-like --duration 5m --verify',
    },
    {
      description: 'in a pod: goes on where it was after a restart, stays until the pod is deleted',
      command:
        '<%= config.bin %> <%= command.id %> --workload armada-etcd-simulator --resume-from etcd --do-not-exit --metrics-port 9464 --metrics-address 0.0.0.0',
    },
  ];

  static override flags = runFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(DriverRun);
    const site = await this.site(flags);
    const settings = await driverSettingsFrom(flags, site, { command: 'driver:run', version: this.config.version });
    const { runDriver } = await import('../../services/run-driver.ts');
    const { exitCodeOfDriver } = await import('../../services/exit-code-of-driver.ts');
    const context = this.context();
    await runDriver(settings, {
      ...context,
      // On a terminal the next interval's line takes the place of the one before.
      ...(flags.verbose && { onStep: context.onInfo }),
      // At once: a driver may stay, and a pod that is stopped may be killed while it still signs off.
      onReport: (report) => {
        if (this.jsonEnabled()) this.logJson(report);
        else this.print(renderDriver(report, { isPrecise: flags.precise }));
        this.endWith(exitCodeOfDriver(report));
      },
    });
  }
}
