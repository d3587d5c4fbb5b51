import { Args, BaseCommand, Flags, inventoryFlags } from '@etcdperf/core/cli';
import { renderRunDetails } from '../../render/run-details.ts';
import { type RunDetails, runDetails } from '../../services/run-details.ts';
import { chooseRunsDir } from '../../services/runs-dir.ts';

export default class RunsShow extends BaseCommand {
  static override summary = 'show one run: what was asked, how it ended, and its result';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> 20260203T040506Z --json',
  ];

  static override args = {
    run: Args.string({ description: "the run's id, the start or end of it, or its folder; else the newest run" }),
  };

  static override flags = {
    ...inventoryFlags,
    'runs-dir': Flags.string({
      helpValue: 'DIR',
      description: 'where the run folders are; else what the inventory says, else ./runs',
    }),
  };

  async run(): Promise<RunDetails> {
    const { args, flags } = await this.parse(RunsShow);
    const details = await runDetails(await chooseRunsDir(flags), args.run);
    this.print(renderRunDetails(details));
    return details;
  }
}
