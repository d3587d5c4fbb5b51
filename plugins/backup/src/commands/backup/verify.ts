import { Args } from '@etcdperf/core/cli';
import { BackupCommand } from '../../backup-command.ts';
import type { FileVerification } from '../../services/verify/verify-file.ts';

export default class BackupVerify extends BackupCommand {
  static override summary = 'tell what a dump or a snapshot holds, and whether it is whole';

  static override description =
    'Reads all of the file; which of both it is, its content tells. A dump is compared with its manifest, ' +
    'FILE.manifest.json; a snapshot with the checksum that etcd wrote at its end, and with its manifest where it has ' +
    'one. Exit code 0: all of it is as it was written. 1: it isn’t, it never held all that was asked for, or nothing ' +
    'tells (a dump without its manifest, a copy of a member’s database). 2: it is neither a dump nor a snapshot.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> main.csv.gz',
    '<%= config.bin %> <%= command.id %> main.db --json',
    {
      description: 'what another program hands on',
      command: 'cat main.jsonl | <%= config.bin %> <%= command.id %> -',
    },
  ];

  static override args = {
    file: Args.string({ description: 'the file, or - for a dump on standard input', required: true }),
  };

  async run(): Promise<FileVerification> {
    const { args } = await this.parse(BackupVerify);
    const [{ verifyFile }, { renderVerification, verifyStep }] = await Promise.all([
      import('../../services/verify/verify-file.ts'),
      import('../../render/render-verification.ts'),
    ]);
    const report = await verifyFile(args.file, {
      signal: this.signal,
      onProgress: (bytes) => this.progress.step(verifyStep(bytes)),
    });
    this.print(renderVerification(report));
    if (report.verdict.kind !== 'whole') this.endWith(1);
    return report;
  }
}
