import { BaseCommand, chooseRunsDir, Flags, findInventory, runsDirFlag } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { siteFlags } from '../../flags/election-flags.ts';
import { siteQuestion } from '../../flags/site-question.ts';
import { renderSummary } from '../../render/render-summary.ts';
import type { ElectionSummary } from '../../services/summarise-run.ts';

export default class ElectionSummaryCommand extends BaseCommand {
  static override summary = 'what every agent went through, summed up';
  static override description =
    'Biggest, smallest and average of (notified − killed) and (got − notified), in the first round of (got − start); ' +
    'how many finished in each second; percentiles and a histogram. From the newest run folder of a failover (or of ' +
    'election:agents), or from the records that agents left in etcd.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --run runs/20260203T040506Z-election-failover-1a2b --round 2',
    '<%= config.bin %> <%= command.id %> --from-etcd --round 2 --killed-at 1462632572.5',
  ];

  static override flags = {
    ...siteFlags,
    ...runsDirFlag,
    run: Flags.string({
      description: 'a run folder, or its id; else the newest',
      helpValue: 'RUN',
      exclusive: ['from-etcd'],
    }),
    round: Flags.integer({ description: 'only this round', min: 1 }),
    'from-etcd': Flags.boolean({ description: 'from the records in etcd' }),
    'killed-at': Flags.string({
      description: 'unix seconds of the kill that began --round, which etcd does not know',
      dependsOn: ['from-etcd', 'round'],
      helpValue: 'SECONDS',
    }),
  };

  async run(): Promise<ElectionSummary> {
    const { flags } = await this.parse(ElectionSummaryCommand);
    const killedAt = flags['killed-at'] === undefined ? undefined : Number(flags['killed-at']);
    if (killedAt !== undefined && !(killedAt > 0 && killedAt < 1e11)) {
      throw new InputError(`'${flags['killed-at']}' is no time in unix seconds`, { where: '--killed-at' });
    }
    const inventory = await findInventory(flags);
    let summary: ElectionSummary;
    if (flags['from-etcd']) {
      const { openSite } = await import('../../services/open-site.ts');
      const { summariseEtcd } = await import('../../services/summarise-etcd.ts');
      await using site = await openSite(await siteQuestion(flags, inventory, this.signal), {
        masters: 'none',
        agents: 'none',
      });
      summary = await summariseEtcd(site.access, { onlyRound: flags.round, killedAt }, this.signal);
    } else {
      const { findElectionRun } = await import('../../services/find-election-run.ts');
      const { summariseRun } = await import('../../services/summarise-run.ts');
      summary = await summariseRun(
        await findElectionRun(await chooseRunsDir(flags, inventory), flags.run),
        flags.round,
      );
    }
    this.print(renderSummary(summary, { width: Math.min(process.stdout.columns ?? 80, 110) }));
    return summary;
  }
}
