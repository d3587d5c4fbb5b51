import { Args, BaseCommand, Flags } from '@etcdperf/core/cli';
import { renderChanges } from '../../render/lab.ts';
import type { HostChange } from '../../services/lab/change-hosts.ts';

export default class LabHeal extends BaseCommand {
  static override summary = 'undo lab:cut';

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> node4'];

  static override args = {
    hosts: Args.string({
      description: 'names, groups, ranges as in --limit; else all that are cut',
      required: false,
      multiple: true,
    }),
  };

  static override flags = {
    name: Flags.string({ description: 'which lab; else the only one', helpValue: 'NAME' }),
  };

  async run(): Promise<HostChange[]> {
    const { args, flags } = await this.parse(LabHeal);
    const { openLab } = await import('@etcdperf/core/lab');
    const { changeHosts, selectLabHosts } = await import('../../services/lab/change-hosts.ts');
    const lab = await openLab(flags.name);
    const hosts = await selectLabHosts(lab, args.hosts ?? [], 'cut');
    const changes = await changeHosts(lab, hosts, (host) => host.heal());
    this.print(renderChanges(changes));
    if (changes.some((change) => change.kind === 'failed')) this.endWith(1);
    return changes;
  }
}
