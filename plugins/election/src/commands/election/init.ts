import { BaseCommand, Flags, findInventory } from '@etcdperf/core/cli';
import { atMost, siteFlags } from '../../flags/election-flags.ts';
import { siteQuestion } from '../../flags/site-question.ts';
import { renderInit } from '../../render/render-start.ts';
import type { InitResult } from '../../services/init-store.ts';

export default class ElectionInit extends BaseCommand {
  static override summary = 'empty and fill the store before an election';
  static override description =
    'Removes everything of an earlier election and fills /status/ with values that each new master re-reads. ' +
    'Only the documented keys are touched. Refuses while candidates or agents run.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --keys 10000 --value-size 1024',
    '<%= config.bin %> <%= command.id %> --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379 --keys 0',
  ];

  static override flags = {
    ...siteFlags,
    keys: Flags.integer({ description: 'how many keys to fill in', default: 10_000, min: 0, max: atMost }),
    'value-size': Flags.integer({
      description: 'bytes of each value',
      default: 1024,
      min: 1,
      max: 1_000_000,
      helpValue: 'BYTES',
    }),
  };

  async run(): Promise<InitResult> {
    const { flags } = await this.parse(ElectionInit);
    const [{ openSite }, { initStore }] = await Promise.all([
      import('../../services/open-site.ts'),
      import('../../services/init-store.ts'),
    ]);
    const { signal, progress } = this;
    const question = await siteQuestion(flags, await findInventory(flags), signal);
    await using site = await openSite(question, { masters: 'if any', agents: 'if any' });
    const options = { keys: flags.keys, valueBytes: flags['value-size'] };
    const result = await initStore(site, options, { progress, signal });
    this.print(renderInit(result));
    return result;
  }
}
