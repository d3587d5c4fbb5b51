import { resolve } from 'node:path';
import { Args, chooseRunsDir, clusterAccessFrom, findInventory, renderFinding, targetFrom } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { BackupCommand } from '../../backup-command.ts';
import { loadDumpFlags, loadMannerFrom, loadTaskFrom } from '../../flags/load-flags.ts';
import { resumeWith } from '../../flags/resume-with.ts';
import { renderLoad } from '../../render/render-load.ts';
import { renderOutlook } from '../../render/render-outlook.ts';
import type { LoadResult } from '../../services/load/load-result.ts';
import type { LoadContext, LoadSettings } from '../../services/load/load-settings.ts';
import type { LoadOutlook } from '../../services/load/plan-load.ts';

const EXIT_CODES = { complete: 0, stopped: 1, interrupted: 130 } as const;

export default class BackupLoad extends BackupCommand {
  static override summary = 'put a dump back into a cluster';
  static override description =
    'First the file is verified against its manifest; then keys go in in transactions, many at a time. Where there are ' +
    'keys below the prefixes of the dump already, nothing is touched unless --overwrite or --only-missing says how. A ' +
    'load that ends early, however it does (kill -9, quota reached, no member for too long), goes on with --resume: ' +
    'its run folder holds what etcd acknowledged.';

  static override examples = [
    { description: 'a dump into an empty cluster', command: '<%= config.bin %> <%= command.id %> before.csv.gz' },
    {
      description: 'what would change',
      command: '<%= config.bin %> <%= command.id %> before.csv.gz --prefix /registry/ --overwrite --dry-run',
    },
    {
      description: 'only what is missing, 2000 keys a second',
      command: '<%= config.bin %> <%= command.id %> before.csv.gz --only-missing --rate 2000',
    },
    {
      description: 'go on where one was broken off',
      command: '<%= config.bin %> <%= command.id %> --resume 20260102T030405Z-backup-load-1a2b',
    },
  ];

  static override args = {
    file: Args.string({ description: 'the dump; - for standard input; not needed with --resume' }),
  };
  static override flags = loadDumpFlags;

  async run(): Promise<LoadResult | LoadOutlook> {
    const { args, flags } = await this.parse(BackupLoad);
    const inventory = await findInventory(flags);
    const runsDir = await chooseRunsDir(flags, inventory);
    const { 'password-file': _passwordFile, ...config } = flags;
    const command = this.id ?? 'backup:load';
    const resumed =
      flags.resume === undefined
        ? undefined
        : await (await import('../../services/load/resume-load.ts')).findLoad(runsDir, flags.resume, command);
    if (args.file === undefined && resumed === undefined)
      throw new InputError('which dump?', { hint: 'name its file, or - for standard input' });
    const file = args.file === '-' || args.file === undefined ? args.file : resolve(args.file);
    const task = resumed === undefined ? loadTaskFrom(file!, flags) : { ...resumed.state.task, ...(file && { file }) };
    const settings: LoadSettings = {
      command,
      version: this.config.version,
      inventory,
      config: { ...config, file: task.file },
      runsDir,
      access: await clusterAccessFrom(flags, inventory, this.signal),
      target: targetFrom(flags),
      manner: loadMannerFrom(flags),
      resumeWith: (run) => resumeWith(`${this.config.bin} ${command}`, run, flags),
    };
    const context: LoadContext = {
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
      onFinding: (finding) => this.progress.info(renderFinding(finding)),
    };
    if (flags['dry-run']) {
      const { planLoad } = await import('../../services/load/plan-load.ts');
      const outlook = await planLoad(task, settings, context);
      this.print(renderOutlook(outlook));
      return outlook;
    }
    const { loadDump } = await import('../../services/load/load-dump.ts');
    const result = await loadDump(task, settings, context, resumed);
    this.print(renderLoad(result));
    const code = EXIT_CODES[result.ending.kind];
    if (code !== 0) this.endWith(code);
    return result;
  }
}
