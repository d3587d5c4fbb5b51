import { Args, BaseCommand, Flags } from '@etcdperf/core/cli';
import { renderChanges } from '../../render/lab.ts';
import type { HostChange } from '../../services/lab/change-hosts.ts';

export default class LabCut extends BaseCommand {
  static override summary = 'cut the link of hosts: nothing goes in or out';
  static override description =
    'The hosts go on running and connections stay open and silent, as if a cable were pulled. lab:heal plugs it in again.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> node4',
    '<%= config.bin %> <%= command.id %> node4 --for 5s',
  ];

  static override args = {
    hosts: Args.string({ description: 'names, groups, ranges as in --limit', required: true, multiple: true }),
  };

  static override flags = {
    name: Flags.string({ description: 'which lab; else the only one', helpValue: 'NAME' }),
    for: Flags.string({ description: 'heal after this time, or on Ctrl-C', helpValue: '5s' }),
  };

  async run(): Promise<HostChange[]> {
    const { args, flags } = await this.parse(LabCut);
    const { parseDuration } = await import('../../services/lab/parse-amounts.ts');
    const forMs = flags.for === undefined ? undefined : parseDuration(flags.for, 'unsigned');
    const { openLab } = await import('@etcdperf/core/lab');
    const { changeHosts, selectLabHosts } = await import('../../services/lab/change-hosts.ts');
    const lab = await openLab(flags.name);
    const hosts = await selectLabHosts(lab, args.hosts ?? []);
    const changes = await changeHosts(lab, hosts, (host) =>
      forMs === undefined ? host.cut() : host.cutFor(forMs, this.signal),
    );
    this.signal.throwIfAborted();
    this.print(renderChanges(changes));
    if (changes.some((change) => change.kind === 'failed')) this.endWith(1);
    return changes;
  }
}
