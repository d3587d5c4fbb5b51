import { BaseCommand, findInventory } from '@etcdperf/core/cli';
import { siteFlags } from '../../flags/election-flags.ts';
import { siteQuestion } from '../../flags/site-question.ts';
import { renderStatus } from '../../render/render-stop.ts';
import type { ElectionStatus } from '../../services/election-status.ts';

export default class ElectionStatusCommand extends BaseCommand {
  static override summary = 'who is master, and which candidates and agents run where';

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];

  static override flags = siteFlags;

  async run(): Promise<ElectionStatus> {
    const { flags } = await this.parse(ElectionStatusCommand);
    const [{ openSite }, { electionStatus }] = await Promise.all([
      import('../../services/open-site.ts'),
      import('../../services/election-status.ts'),
    ]);
    const question = await siteQuestion(flags, await findInventory(flags), this.signal);
    await using site = await openSite(question, { masters: 'if any', agents: 'if any' });
    const status = await electionStatus(site, this.signal);
    this.print(renderStatus(status));
    if (status.hosts.some((host) => host.status === 'failed')) this.endWith(1);
    return status;
  }
}
