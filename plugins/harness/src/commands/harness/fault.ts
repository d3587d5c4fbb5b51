import { Args, BaseCommand, durationFlag, Flags, findInventory, hostFlags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { faultFlags, faultSpecOf } from '../../flags/fault-flags.ts';
import type { ActiveFaultsReport } from '../../services/fault/active-faults.ts';
import type { FaultReport } from '../../services/fault/fault-report.ts';
import { FAULT_KINDS, type FaultKind } from '../../services/fault/fault-spec.ts';

export default class HarnessFault extends BaseCommand {
  static override summary = 'break a member on purpose, for a time; without arguments, tell which faults are active';

  static override description = `kill        SIGKILL; started again at the end, with the very same settings
pause       SIGSTOP; SIGCONT at the end
cut         packets of the member's ports are dropped (iptables); SSH is never touched
slow-disk   the member's disk writes are limited (cgroups), or its fsyncs delayed (strace)
fill-disk   a file takes the free space of the disk that its data is on
skew        the clock of its host is wrong; hosts of a lab only

Always undone: at the end of --for, on Ctrl-C, and where this command or its connection dies, by a timer on the host that is started before anything is broken. What a host can't do is refused before anything is touched. A member that ends meanwhile (on a full disk) is started again. In Kubernetes a pod can be killed; the rest needs rights that pods should not have.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> kill leader --for 30s',
    '<%= config.bin %> <%= command.id %> cut node2 --from peers --direction in --for 10s',
    '<%= config.bin %> <%= command.id %> slow-disk follower --delay 200ms --cluster main',
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --undo',
  ];

  static override args = {
    kind: Args.string({ description: 'what to do', options: [...FAULT_KINDS] }),
    member: Args.string({ description: "a member's name, leader, or follower" }),
  };

  static override flags = {
    inventory: hostFlags.inventory,
    'accept-new': hostFlags['accept-new'],
    cluster: Flags.string({
      char: 'c',
      description: "the cluster's name; needed where the inventory has several",
      helpValue: 'NAME',
    }),
    for: durationFlag({ description: 'how long', default: 30_000, defaultHelp: async () => '30s' }),
    undo: Flags.boolean({ description: 'end all faults that are active' }),
    ...faultFlags,
    recover: durationFlag({
      description: 'how long to wait afterwards until the cluster is well',
      default: 60_000,
      defaultHelp: async () => '1m',
    }),
  };

  async run(): Promise<FaultReport | ActiveFaultsReport> {
    const { args, flags } = await this.parse(HarnessFault);
    const { kind, member } = args;
    if (kind !== undefined && (member === undefined || flags.undo))
      throw new InputError(flags.undo ? '--undo ends faults, and begins none' : 'which member?', {
        where: `harness:fault ${kind}`,
        hint: flags.undo ? undefined : 'name it, or say leader or follower',
      });
    const [{ findCluster }, { openMembers }, render] = await Promise.all([
      import('@etcdperf/core/etcd'),
      import('../../services/members/cluster-members.ts'),
      import('../../render/fault-report.ts'),
    ]);
    const spec = kind === undefined ? undefined : await faultSpecOf(kind as FaultKind, flags);
    const found = await findCluster({ inventory: await findInventory(flags), name: flags.cluster });
    // Without the signal: what was begun is ended, on the connections that are there.
    await using members = await openMembers(found, { acceptNew: flags['accept-new'] });
    if (spec === undefined || member === undefined) {
      const { activeFaults } = await import('../../services/fault/active-faults.ts');
      const active = await activeFaults(members, { undo: flags.undo, signal: this.signal });
      this.print(render.renderActiveFaults(active));
      if (active.hosts.some(({ problem }) => problem !== undefined)) this.endWith(1);
      return active;
    }
    const { runFault } = await import('../../services/fault/run-fault.ts');
    const report = await runFault(members, {
      ...{ member, spec, forMs: flags.for, recoverMs: flags.recover, signal: this.signal },
      onStep: (text) => this.progress.step(text),
    });
    this.print(render.renderFaultReport(report));
    if (report.outcome.kind === 'interrupted') this.endWith(130);
    else if (report.outcome.kind !== 'ended' || report.effect.recoveredMs === undefined) this.endWith(1);
    return report;
  }
}
