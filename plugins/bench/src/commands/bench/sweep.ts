import {
  Args,
  BaseCommand,
  clusterAccessFrom,
  clusterFlags,
  findInventory,
  inventoryFlags,
  startRun,
} from '@etcdperf/core/cli';
import { sweepFlags } from '../../flags/sweep-flags.ts';
import { sweepQuestion } from '../../flags/sweep-question.ts';
import { loadSweptCommand, optionalFlags } from '../../flags/swept-command.ts';
import type { SweepReport } from '../../services/sweep/sweep-report.ts';

export default class BenchSweep extends BaseCommand {
  static override readonly usesFramework = true;
  static override summary = 'measure a bench command over lists of values: table, CSV and a page of plots';
  static override description =
    'Every value of each list with every value of the others, each in a process of its own, all of them once before ' +
    'any is repeated. What is no list here goes to the command as it is: its own flags (--total, --duration, --rate, ' +
    '--threshold, …), and words that follow its name. 1,10,...,100000 stands for all powers of ten between.\n\n' +
    'bench:sweep range without a key is the range test: it puts as many keys as the largest --key-count asks for ' +
    '(values of --val-size bytes, 256 unless given; under --prefix) and reads --key-count of them at once, ' +
    'linearizable and serializable, for 5 s each unless --total or --duration says otherwise.\n\n' +
    'Everything is kept as it comes in the run folder: cells.jsonl, cells.csv, each cell’s own run folder, and at ' +
    'the end (after Ctrl-C too) sweep.html with plots, which needs no network. A cell that fails is told and the ' +
    'sweep goes on; it ends with 1 then, and with 3 where a cell missed a threshold.';

  static override examples = [
    {
      description: 'the range test, shortened (without the flags: 1 to 100000 keys, for three minutes)',
      command: '<%= config.bin %> <%= command.id %> range --key-count 1,10,...,1000 --duration 500ms --repeat 1',
    },
    {
      description: 'puts by the size of their value and the number of callers',
      command: '<%= config.bin %> <%= command.id %> put --val-size 8,1024 --clients 1,10 --total 1000 --repeat 2',
    },
    {
      description: 'any flag of a command, and a limit that every cell must keep',
      command:
        "<%= config.bin %> <%= command.id %> txn-put --vary txn-ops=1,10 --total 500 --repeat 1 --threshold 'p50<10s'",
    },
  ];

  static override strict = false;

  static override args = {
    command: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'the bench command to measure, and what goes to it',
    }),
  };

  static override flags = sweepFlags;

  async run(): Promise<SweepReport> {
    const { swept, flags, raw } = await this.parseWithCommand();
    const question = await sweepQuestion(swept, raw, { ...clusterFlags, ...inventoryFlags });
    const { command, dimensions, words } = question;
    const { progress, signal } = this;
    const inventory = await findInventory(flags);
    const access = question.isRangeTest ? await clusterAccessFrom(flags, inventory, signal) : undefined;
    const [{ runSweep }, { rangeSweep }, { exitCodeOfSweep }, render, { renderSweepPage }] = await Promise.all([
      import('../../services/sweep/run-sweep.ts'),
      import('../../services/sweep/range-sweep.ts'),
      import('../../services/sweep/exit-code-of-sweep.ts'),
      import('../../render/sweep/render-sweep.ts'),
      import('../../render/sweep/render-sweep-page.ts'),
    ]);
    const commandLine = [process.execPath, ...process.execArgv, process.argv[1]!] as const;
    const { prefix = 'bench/sweep/', repeat: repeats, cleanup: isCleanedUp, 'runs-dir': runsDir } = flags;
    const sweep =
      access === undefined
        ? { command, words, dimensions, repeats }
        : rangeSweep(
            { ...question, access, repeats, prefix, isCleanedUp },
            { commandLine, signal, onStep: (text) => progress.step(text) },
          );
    const config = { command, words, dimensions, repeats, 'runs-dir': runsDir };
    const run = await startRun('bench:sweep', this.config.version, config, inventory);
    const report = await runSweep(sweep, {
      ...{ commandLine, run, signal },
      onCell: (cell, planned) => progress.step(render.renderCell(cell, planned)),
      onResult: (result) => progress.info(render.renderCellResult(result)),
    });
    run.writeText('sweep.html', renderSweepPage(report));
    this.print(render.renderSweep(report));
    this.endWith(exitCodeOfSweep(report));
    return report;
  }

  /** The flags of the command that is swept are understood too, so that a wrong one is found before the first cell. */
  private async parseWithCommand() {
    const swept = await loadSweptCommand(this.argv, this.config);
    const { baseFlags, enableJsonFlag } = BenchSweep;
    const flags = { ...optionalFlags(swept), ...BenchSweep.flags };
    const input = { ...BenchSweep, baseFlags, enableJsonFlag, flags } as unknown as typeof BenchSweep;
    return { swept, ...(await this.parse(input)) };
  }
}
