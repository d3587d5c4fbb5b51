import { Args, targetFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { BackupCommand } from '../../backup-command.ts';
import { summaryFlags } from '../../flags/summary-flags.ts';
import { renderSummary, summaryLines } from '../../render/render-summary.ts';
import type { SummaryReport } from '../../services/summary/summary-report.ts';

export default class BackupSummary extends BackupCommand {
  static override summary = 'tell what fills the database: by prefix, by Kubernetes’ types, and which keys stand out';
  static override description =
    'Reads all keys with their values once, at one revision, and adds them up per level of their names. Tells how much ' +
    'of the database these keys are, how much is history, and how much is free. --churn waits and tells which keys were ' +
    'written meanwhile; Ctrl-C then keeps the rest. A branch is told exactly; those that are too small are told together. ' +
    'Little memory is needed whatever the size.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'of what a Kubernetes cluster keeps, with a page to explore it',
      command: '<%= config.bin %> <%= command.id %> /registry/ --html registry.html',
    },
    {
      description: 'which keys are written most',
      command: '<%= config.bin %> <%= command.id %> --keys-only --churn 30s --top 20',
    },
    {
      description: 'of a dump, with levels that end in a colon',
      command:
        '<%= config.bin %> backup:dump --output all.csv\n<%= config.bin %> <%= command.id %> --from all.csv --separator :',
    },
  ];

  static override args = {
    prefix: Args.string({ description: 'only the keys below these prefixes', multiple: true }),
  };
  static override flags = summaryFlags;

  async run(): Promise<SummaryReport & { htmlPath?: string }> {
    const { args, flags } = await this.parse(BackupSummary);
    if (flags.separator === '') throw new InputError('a level must end with something', { where: '--separator' });
    const { html, from } = flags;
    const { summarize } = await import('../../services/summary/summarize.ts');
    const { checkFolderOf, writeWholeFile } = await import('../../services/summary/write-whole-file.ts');
    if (html !== undefined) await checkFolderOf(html, '--html');
    const { report, tree } = await summarize(
      {
        source:
          from === undefined
            ? { kind: 'cluster', access: await this.access(flags), target: targetFrom(flags) }
            : { kind: 'dump', path: from },
        prefixes: (args.prefix ?? []).map((prefix) => Buffer.from(prefix)),
        depth: flags.depth,
        separator: flags.separator,
        top: flags.top,
        by: flags.by,
        leastShare: flags['min-share'],
        keysOnly: flags['keys-only'],
        churnMs: flags.churn,
        timeoutMs: flags.timeout,
      },
      { signal: this.signal, onStep: (text) => this.progress.step(text) },
    );
    if (html !== undefined) {
      const { renderTreemapPage } = await import('../../render/treemap/render-treemap-page.ts');
      await writeWholeFile(
        html,
        renderTreemapPage({ title: `etcd: ${report.name}`, lines: summaryLines(report), tree }),
      );
    }
    this.print(renderSummary(report, html));
    if (report.churn?.kind === 'failed') this.endWith(1);
    if (report.churn?.kind === 'interrupted') this.endWith(130);
    return { ...report, ...(html !== undefined && { htmlPath: html }) };
  }
}
