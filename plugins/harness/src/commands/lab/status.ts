import { BaseCommand, Flags } from '@etcdperf/core/cli';
import type { LabStatus } from '@etcdperf/core/lab';
import { renderStatus } from '../../render/lab.ts';

export default class LabStatusCommand extends BaseCommand {
  static override summary = 'the hosts of the lab, and what was done to them';

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];

  static override flags = {
    name: Flags.string({ description: 'which lab; else the only one', helpValue: 'NAME' }),
  };

  async run(): Promise<LabStatus> {
    const { flags } = await this.parse(LabStatusCommand);
    const { openLab } = await import('@etcdperf/core/lab');
    const status = await (await openLab(flags.name)).status();
    this.print(renderStatus(status));
    return status;
  }
}
