import { Args, findInventory } from '@etcdperf/core/cli';
import { BackupCommand } from '../../backup-command.ts';
import { restoreFlags } from '../../flags/restore-flags.ts';
import type { RestoreReport } from '../../services/restore/restore-report.ts';

export default class BackupRestore extends BackupCommand {
  static override summary = 'make a cluster of a snapshot, on its hosts or on this machine';

  static override description =
    `For clusters of the backends hosts and local. Verifies the file and looks at all hosts first; where anything is in the way (members that run, data that is there, a host that can't be reached), nothing is touched. etcd's own program (etcdutl, before 3.5 etcdctl) then makes the new data beside the old, on all hosts at once; only when all of them have it, members are stopped (--stop) and the old data is set aside (--force). Whatever fails until then is taken back. The cluster is started as harness:deploy does, and all members' hashes are compared, also with the one that FILE.manifest.json tells.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> main.db main --dry-run',
    '<%= config.bin %> <%= command.id %> main.db main',
    '<%= config.bin %> <%= command.id %> main.db main --stop --force',
  ];

  static override args = {
    file: Args.string({ description: 'the snapshot', required: true }),
    cluster: Args.string({ description: "the cluster's name; needed where the inventory has several" }),
  };

  static override flags = restoreFlags;

  async run(): Promise<RestoreReport> {
    const { args, flags } = await this.parse(BackupRestore);
    const [{ findCluster }, { restoreSnapshot }, { renderRestore }] = await Promise.all([
      import('@etcdperf/core/etcd'),
      import('../../services/restore/restore-snapshot.ts'),
      import('../../render/render-restore.ts'),
    ]);
    const found = await findCluster({ inventory: await findInventory(flags), name: args.cluster });
    const report = await restoreSnapshot(found, {
      file: args.file,
      force: flags.force,
      stop: flags.stop,
      skipHashCheck: flags['skip-hash-check'],
      noStart: !flags.start,
      dryRun: flags['dry-run'],
      acceptNew: flags['accept-new'],
      timeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
      onInfo: (text) => this.progress.info(text),
    });
    this.print(renderRestore(report));
    if (report.outcome.kind === 'failed') this.endWith(1);
    return report;
  }
}
