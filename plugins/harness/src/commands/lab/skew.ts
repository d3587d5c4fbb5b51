import { Args, BaseCommand, Flags } from '@etcdperf/core/cli';
import { renderChanges } from '../../render/lab.ts';
import type { HostChange } from '../../services/lab/change-hosts.ts';

export default class LabSkew extends BaseCommand {
  static override summary = 'make the clock of hosts look wrong';
  static override description =
    'Every program that starts on the hosts from now on sees a clock that is off by this much, and a chronyd that runs ' +
    'is restarted so that it does too. Programs that run already, and static ones such as etcd, keep the right time. ' +
    'The real clock is never touched. --offset 0s makes it right again.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> node4 --offset +5s',
    '<%= config.bin %> <%= command.id %> agents --offset -200ms',
    '<%= config.bin %> <%= command.id %> node4 --offset 0s',
  ];

  static override args = {
    hosts: Args.string({ description: 'names, groups, ranges as in --limit', required: true, multiple: true }),
  };

  static override flags = {
    name: Flags.string({ description: 'which lab; else the only one', helpValue: 'NAME' }),
    offset: Flags.string({ description: 'how wrong: + is ahead, - is behind', required: true, helpValue: '+5s' }),
  };

  async run(): Promise<HostChange[]> {
    const { args, flags } = await this.parse(LabSkew);
    const { parseDuration } = await import('../../services/lab/parse-amounts.ts');
    const offsetMs = parseDuration(flags.offset, 'signed');
    const { openLab } = await import('@etcdperf/core/lab');
    const { changeHosts, selectLabHosts } = await import('../../services/lab/change-hosts.ts');
    const lab = await openLab(flags.name);
    const hosts = await selectLabHosts(lab, args.hosts ?? []);
    const changes = await changeHosts(lab, hosts, (host) => host.skew(offsetMs));
    this.print(renderChanges(changes));
    if (changes.some((change) => change.kind === 'failed')) this.endWith(1);
    return changes;
  }
}
