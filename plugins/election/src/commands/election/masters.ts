import { BaseCommand, Flags, findInventory } from '@etcdperf/core/cli';
import { candidateFlags, processDurationFlag } from '../../flags/candidate-flags.ts';
import { candidatesOptions } from '../../flags/candidates-options.ts';
import { siteFlags } from '../../flags/election-flags.ts';
import { siteQuestion } from '../../flags/site-question.ts';
import { renderCandidates } from '../../render/render-start.ts';
import type { CandidatesResult } from '../../services/start-candidates.ts';

export default class ElectionMasters extends BaseCommand {
  static override summary = 'start candidates; one of them becomes master';
  static override description =
    "Spreads candidates over the hosts of the group 'masters' (without an inventory: on this machine), starts all at " +
    'once, and returns when one is master and has written its payload. They run until election:stop, --duration, or ' +
    'a signal. What etcd grants as TTL is shown, not what was asked.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --count 3',
    '<%= config.bin %> <%= command.id %> --count 5 --algorithm queue --ttl 4 --refresh 1s',
    '<%= config.bin %> <%= command.id %> --count 3 --replicate 1000x1024/5s --payload conf/election-payload.conf',
  ];

  static override flags = {
    ...siteFlags,
    count: Flags.integer({ description: 'how many candidates', default: 3, min: 1, max: 1000 }),
    ...candidateFlags,
    ...processDurationFlag,
  };

  async run(): Promise<CandidatesResult> {
    const { flags } = await this.parse(ElectionMasters);
    const options = await candidatesOptions(flags, flags.count);
    const [{ openSite }, { startCandidates }] = await Promise.all([
      import('../../services/open-site.ts'),
      import('../../services/start-candidates.ts'),
    ]);
    const question = await siteQuestion(flags, await findInventory(flags), this.signal);
    await using site = await openSite(question, { masters: 'needed', agents: 'none' });
    this.progress.step(`starting ${flags.count} candidates`);
    const result = await startCandidates(site, options, this.signal);
    this.print(renderCandidates(result));
    return result;
  }
}
