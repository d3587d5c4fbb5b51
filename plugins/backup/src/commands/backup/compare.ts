import { resolve } from 'node:path';
import { Args, findInventory } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { BackupCommand } from '../../backup-command.ts';
import { compareFlags } from '../../flags/compare-flags.ts';
import { compareSourceFrom } from '../../flags/compare-source-from.ts';
import { renderCompare } from '../../render/render-compare.ts';
import type { SourcesReport } from '../../services/compare/compare-sources.ts';

export default class BackupCompare extends BackupCommand {
  static override summary = 'tell how two dumps, a dump and a cluster, or two clusters differ';
  static override description =
    'Walks through both at once, each at one revision, in little memory whatever their size: which keys B has that A ' +
    'has not (added), which A has alone (removed), and whose values differ (changed). A and B are each a dump (its ' +
    'file, or - for standard input), the name of a cluster in the inventory, or a cluster’s endpoints. Nothing of a ' +
    'value is shown unless --show-values asks for it. Exit code 0 when they are the same, 1 when they differ.';

  static override examples = [
    {
      description: 'what changed since a dump was made',
      command:
        '<%= config.bin %> backup:dump --output before.csv\n<%= config.bin %> <%= command.id %> before.csv local',
    },
    {
      description: 'two clusters, only what is below a prefix, leases too, all differences to a file',
      command:
        '<%= config.bin %> <%= command.id %> http://127.0.0.1:2379 http://127.0.0.1:3379 --prefix /registry/ --with lease -o differences.jsonl',
    },
    {
      description: 'what a cluster held at an earlier revision, with what it holds now',
      command: '<%= config.bin %> <%= command.id %> local local --revision-a 1000',
    },
  ];

  static override args = {
    a: Args.string({ description: 'a dump, a cluster’s name, or endpoints', required: true }),
    b: Args.string({ description: 'what it is compared with', required: true }),
  };
  static override flags = compareFlags;

  async run(): Promise<SourcesReport> {
    const { args, flags } = await this.parse(BackupCompare);
    if (args.a === '-' && args.b === '-') throw new InputError('only one of both can be standard input');
    const { output } = flags;
    const isInput = [args.a, args.b].some((name) => output !== undefined && resolve(name) === resolve(output));
    if (isInput) throw new InputError('this would overwrite what is compared', { where: '--output' });
    const inventory = await findInventory(flags);
    const question = { flags, inventory, signal: this.signal };
    const a = await compareSourceFrom(args.a, { ...question, revision: flags['revision-a'] });
    const b = await compareSourceFrom(args.b, { ...question, revision: flags['revision-b'] });
    const { compareSources } = await import('../../services/compare/compare-sources.ts');
    const report = await compareSources(
      {
        a,
        b,
        fields: [...new Set(['value' as const, ...flags.with])],
        prefixes: (flags.prefix ?? []).map((prefix) => Buffer.from(prefix)),
        mapping: flags['prefix-map'],
        limit: flags.limit,
        mostValueBytes: flags['show-values'],
        outputPath: output,
        timeoutMs: flags.timeout,
      },
      { signal: this.signal, onStep: (text) => this.progress.step(text) },
    );
    this.print(renderCompare(report));
    if (!report.isSame) this.endWith(1);
    return report;
  }
}
