import { BaseCommand, Flags } from '@etcdperf/core/cli';
import { renderDown } from '../../render/lab.ts';

export default class LabDown extends BaseCommand {
  static override summary = 'take the lab down: nothing of it stays';
  static override description =
    'Ends its processes, removes its network and its files, also of a lab that is half-made or broken. ' +
    'Where there is nothing to take down, that is fine.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --name second',
  ];

  static override flags = {
    name: Flags.string({ description: 'which lab; else the only one', helpValue: 'NAME' }),
    stale: Flags.boolean({ description: 'only what labs left whose processes are gone', exclusive: ['name'] }),
  };

  async run(): Promise<{ readonly labs: readonly string[] }> {
    const { flags } = await this.parse(LabDown);
    const { downLab, sweepDeadLabs } = await import('@etcdperf/core/lab');
    const labs = flags.stale ? await sweepDeadLabs() : await downLab(flags.name);
    this.print(renderDown(labs));
    return { labs };
  }
}
