import { BaseCommand, findInventory, runsDirFlag, startRun } from '@etcdperf/core/cli';
import { siteFlags } from '../../flags/election-flags.ts';
import { siteQuestion } from '../../flags/site-question.ts';
import { renderStop } from '../../render/render-stop.ts';
import { hostsOf } from '../../services/site.ts';
import type { StopResult } from '../../services/stop-election.ts';

export default class ElectionStop extends BaseCommand {
  static override summary = 'end candidates and agents on all hosts';
  static override description =
    'Writes the stop key, waits, ends by signal what still runs, collects the last events into a run folder, and ' +
    'removes the processes’ folders from the hosts. Doing it again changes nothing. A host that can’t be reached ' +
    'does not keep the others; the exit code then is 1.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --limit agents',
  ];

  static override flags = { ...siteFlags, ...runsDirFlag };

  async run(): Promise<StopResult> {
    const { flags } = await this.parse(ElectionStop);
    const [{ openSiteIfAny }, { stopElection }] = await Promise.all([
      import('../../services/open-site.ts'),
      import('../../services/stop-election.ts'),
    ]);
    const { signal, progress } = this;
    const inventory = await findInventory(flags);
    const question = await siteQuestion(flags, inventory, signal);
    await using site = await openSiteIfAny(question, { masters: 'if any', agents: 'if any' });
    const result = await stopElection(hostsOf(site), site.access, {
      openRun: () => startRun('election:stop', this.config.version, flags, inventory),
      progress,
      signal,
    });
    this.print(renderStop(result));
    if (result.hosts.some((host) => host.status === 'failed')) this.endWith(1);
    return result;
  }
}
