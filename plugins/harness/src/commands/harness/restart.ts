import { Args, BaseCommand, durationFlag, Flags, findInventory, hostFlags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { RestartReport } from '../../services/restart/restart-report.ts';

export default class HarnessRestart extends BaseCommand {
  static override summary = 'restart members gently, one by one, as nodes that reboot would';

  static override description =
    `Leadership is handed on before the member that leads is stopped. The next one is not touched before all members are well and have caught up. Refused while any member is not well, and while another restart or defragmentation of the cluster is under way. Members start again with the very same settings. Ctrl-C never leaves a member stopped.

In Kubernetes the pod is evicted, so that its disruption budget is kept, and its controller makes it anew.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --all --pause 60s --leader-last',
    '<%= config.bin %> <%= command.id %> main --member node2',
  ];

  static override args = {
    cluster: Args.string({ description: "the cluster's name; needed where the inventory has several" }),
  };

  static override flags = {
    inventory: hostFlags.inventory,
    'accept-new': hostFlags['accept-new'],
    member: Flags.string({
      description: 'which member; can be given several times',
      multiple: true,
      helpValue: 'NAME',
    }),
    all: Flags.boolean({ description: 'all members', exclusive: ['member'] }),
    pause: durationFlag({
      description: 'how long to wait before the next member',
      default: 0,
      defaultHelp: async () => '0s',
    }),
    'leader-last': Flags.boolean({ description: 'the member that leads comes last' }),
    timeout: durationFlag({
      description: 'how long a member may take to be well again',
      default: 120_000,
      defaultHelp: async () => '2m',
    }),
    'max-lag': Flags.integer({
      description: 'how many entries behind the others a member counts as caught up',
      default: 100,
      min: 0,
      helpValue: 'N',
    }),
  };

  async run(): Promise<RestartReport> {
    const { args, flags } = await this.parse(HarnessRestart);
    if (!flags.all && flags.member === undefined)
      throw new InputError('which members?', { where: 'harness:restart', hint: 'give --member NAME, or --all' });
    const [{ findCluster }, { openMembers }, { restartMembers }, { renderRestartReport }] = await Promise.all([
      import('@etcdperf/core/etcd'),
      import('../../services/members/cluster-members.ts'),
      import('../../services/restart/restart-members.ts'),
      import('../../render/restart-report.ts'),
    ]);
    const found = await findCluster({ inventory: await findInventory(flags), name: args.cluster });
    // The members are opened without the signal: what was stopped is started again, on the connections that are there.
    await using members = await openMembers(found, { acceptNew: flags['accept-new'] });
    const report = await restartMembers(members, {
      names: flags.member,
      leaderLast: flags['leader-last'],
      pauseMs: flags.pause,
      timeoutMs: flags.timeout,
      maxLag: flags['max-lag'],
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderRestartReport(report));
    if (report.outcome.kind === 'failed') this.endWith(1);
    if (report.outcome.kind === 'interrupted') this.endWith(130);
    return report;
  }
}
