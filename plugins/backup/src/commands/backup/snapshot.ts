import { Args, clusterFlags, inventoryFlags } from '@etcdperf/core/cli';
import { BackupCommand } from '../../backup-command.ts';
import { snapshotFlags } from '../../flags/snapshot-flags.ts';
import type { SnapshotReport } from '../../services/snapshot/take-snapshot.ts';

export default class BackupSnapshot extends BackupCommand {
  static override summary = "save a member's whole database into a file";

  static override description =
    `A snapshot holds everything, users and passwords' hashes too (the file's mode is 0600), and backup:restore makes a cluster of it. It is streamed, read back and verified by the checksum that etcd writes at its end; only then the file gets its name. FILE.manifest.json says where it is from and what a restored cluster must be equal to. With authentication on, it takes a user with the role root.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> main.db',
    '<%= config.bin %> <%= command.id %> main.db --cluster main --target leader --force',
    '<%= config.bin %> <%= command.id %> main.db --endpoints https://10.0.0.1:2379 --cacert ca.pem --user root --password-file secret',
  ];

  static override args = {
    file: Args.string({ description: 'the file to make', required: true }),
  };

  static override flags = { ...inventoryFlags, ...clusterFlags, ...snapshotFlags };

  async run(): Promise<SnapshotReport> {
    const { args, flags } = await this.parse(BackupSnapshot);
    const [{ takeSnapshot }, { renderSnapshot, snapshotStep }] = await Promise.all([
      import('../../services/snapshot/take-snapshot.ts'),
      import('../../render/render-snapshot.ts'),
    ]);
    const report = await takeSnapshot({
      access: await this.access(flags),
      file: args.file,
      target: flags.target,
      force: flags.force,
      signal: this.signal,
      onProgress: (progress) => this.progress.step(snapshotStep(progress)),
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderSnapshot(report));
    return report;
  }
}
