import { BaseCommand, Flags, inventoryFlags } from '@etcdperf/core/cli';
import { renderRunList } from '../../render/run-list.ts';
import { type RunList as List, runList } from '../../services/run-list.ts';
import { chooseRunsDir } from '../../services/runs-dir.ts';

export default class RunsList extends BaseCommand {
  static override summary = 'list the run folders, newest first';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --command election:failover',
  ];

  static override flags = {
    ...inventoryFlags,
    'runs-dir': Flags.string({
      helpValue: 'DIR',
      description: 'where the run folders are; else what the inventory says, else ./runs',
    }),
    command: Flags.string({ description: 'only the runs of this command', helpValue: 'COMMAND' }),
  };

  async run(): Promise<List> {
    const { flags } = await this.parse(RunsList);
    const list = await runList(await chooseRunsDir(flags), flags.command);
    this.print(renderRunList(list));
    return list;
  }
}
