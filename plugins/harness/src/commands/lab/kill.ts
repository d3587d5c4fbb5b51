import { Args, BaseCommand, Flags } from '@etcdperf/core/cli';
import { renderChanges } from '../../render/lab.ts';
import type { HostChange } from '../../services/lab/change-hosts.ts';

export default class LabKill extends BaseCommand {
  static override summary = 'cut the power of hosts: every process dies at once';
  static override description = 'What was written to their disks stays. lab:start boots them again.';

  static override examples = ['<%= config.bin %> <%= command.id %> node1'];

  static override args = {
    hosts: Args.string({ description: 'names, groups, ranges as in --limit', required: true, multiple: true }),
  };

  static override flags = {
    name: Flags.string({ description: 'which lab; else the only one', helpValue: 'NAME' }),
  };

  async run(): Promise<HostChange[]> {
    const { args, flags } = await this.parse(LabKill);
    const { openLab } = await import('@etcdperf/core/lab');
    const { changeHosts, selectLabHosts } = await import('../../services/lab/change-hosts.ts');
    const lab = await openLab(flags.name);
    const hosts = await selectLabHosts(lab, args.hosts ?? []);
    const changes = await changeHosts(lab, hosts, (host) => host.kill());
    this.print(renderChanges(changes));
    if (changes.some((change) => change.kind === 'failed')) this.endWith(1);
    return changes;
  }
}
