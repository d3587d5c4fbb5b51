import { resolve } from 'node:path';
import { Args } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { BackupCommand } from '../../backup-command.ts';
import { dumpFlags, layoutFrom } from '../../flags/dump-flags.ts';
import { dumpProgress } from '../../render/dump-progress.ts';
import { renderDump } from '../../render/render-dump.ts';
import type { DumpReport } from '../../services/dump/dump-report.ts';

export default class BackupDump extends BackupCommand {
  static override summary = 'write what a cluster holds to a file, or a part of it, at one revision';
  static override description =
    'Keys are read page by page at one revision, in little memory whatever their number: what is written meanwhile is ' +
    'not in it. A member that is lost is replaced by another. When the revision is compacted away in the middle, the ' +
    'file keeps the keys that came before, its manifest says so, and the exit code is 1; --restart begins again ' +
    'instead. A file has its name only once it is whole.';

  static override examples = [
    { description: 'everything', command: '<%= config.bin %> <%= command.id %> --output before.csv.gz' },
    {
      description: 'two prefixes as JSON lines, without values',
      command: '<%= config.bin %> <%= command.id %> /registry/pods/ /registry/events/ --keys-only -o keys.jsonl',
    },
    {
      description: 'the large values among what changed since a revision, to a pipe',
      command:
        "<%= config.bin %> <%= command.id %> --since-revision 1000 --filter 'size>100KB' --columns key,value_size | head",
    },
  ];

  static override args = {
    prefix: Args.string({ description: 'what the keys begin with; none: all keys', multiple: true }),
  };
  static override flags = dumpFlags;

  async run(): Promise<DumpReport> {
    const { args, flags } = await this.parse(BackupDump);
    const isPiped = flags.output === '-';
    if (isPiped && this.jsonEnabled())
      throw new InputError('both the dump and the report of --json would go to standard output', {
        hint: 'name a file with --output',
      });
    if (isPiped && flags.restart)
      throw new InputError('what went to standard output can’t be taken back to begin again', {
        where: '--restart',
        hint: 'name a file with --output',
      });
    const access = await this.access(flags);
    const { dumpCluster } = await import('../../services/dump/dump-cluster.ts');
    const report = await dumpCluster(
      {
        access,
        prefixes: (args.prefix ?? []).map((prefix) => Buffer.from(prefix)),
        revision: flags.revision,
        sinceRevision: flags['since-revision'],
        target: flags.target,
        parallel: flags.parallel,
        timeoutMs: flags.timeout,
        output: isPiped ? '-' : resolve(flags.output),
        isForced: flags.force,
        layout: layoutFrom(flags),
        filters: flags.filter ?? [],
        isRestarted: flags.restart,
      },
      {
        signal: this.signal,
        onStep: (text) => this.progress.step(text),
        onProgress: dumpProgress((text) => this.progress.step(text)),
        onInfo: (text) => this.progress.info(text),
      },
    );
    if (isPiped) this.remark(renderDump(report));
    else this.print(renderDump(report));
    if (!report.complete) this.endWith(1);
    return report;
  }
}
