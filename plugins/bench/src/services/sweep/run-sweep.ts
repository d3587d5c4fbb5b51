import { InputError } from '@etcdperf/core/errors';
import type { Run } from '@etcdperf/core/runs';
import { cellCsvHeader, cellCsvLines } from './cell-csv.ts';
import { type CommandLine, type MeasuredCell, runCell } from './run-cell.ts';
import { summarizeCells } from './summarize-cells.ts';
import {
  type Cell,
  type Combination,
  cellsOf,
  combinationsOf,
  type Dimension,
  describeCombination,
  flagWords,
} from './sweep-plan.ts';
import type { CellResult, SweepReport } from './sweep-report.ts';

/** A command, and what of it is varied. */
export interface Sweep {
  /** `bench:range`. */
  readonly command: string;
  /** What is the same in all cells. */
  readonly words: readonly string[];
  readonly dimensions: readonly Dimension[];
  readonly repeats: number;
  /** All that follows the command for a combination. Default: `words`, and each value as its flag. */
  readonly wordsOf?: ((combination: Combination) => readonly string[]) | undefined;
  /** Writes what the cells read, before the first of them; run folders go into `runsDir`. */
  readonly prepare?: ((runsDir: string) => Promise<void>) | undefined;
  /** After the last cell, also after Ctrl-C or a failure. */
  readonly cleanUp?: (() => Promise<void>) | undefined;
}

export interface SweepContext {
  readonly commandLine: CommandLine;
  readonly run: Run;
  readonly signal: AbortSignal;
  /** Before a cell is measured. */
  readonly onCell: (cell: Cell, planned: number) => void;
  readonly onResult: (result: CellResult) => void;
}

/**
 * Measures every cell, one after the other, and keeps each as soon as it is there (`cells.jsonl`, `cells.csv`, and the
 * cell's own run folder in `cells/`). A cell that fails does not end the sweep; Ctrl-C does, with a report of what
 * there is. Throws InputError when the very first cell is wrong input: the others are too.
 */
export async function runSweep(sweep: Sweep, context: SweepContext): Promise<SweepReport> {
  const { run } = context;
  try {
    const report = await measureAll(sweep, context);
    run.writeResult(report);
    run.finish({ status: report.ending === 'complete' ? 'done' : 'interrupted' });
    return report;
  } catch (error) {
    run.finish({ status: context.signal.aborted ? 'interrupted' : 'failed' });
    throw error;
  }
}

async function measureAll(sweep: Sweep, context: SweepContext): Promise<SweepReport> {
  const { run, signal } = context;
  const { dimensions } = sweep;
  const combinations = combinationsOf(dimensions);
  const cells = cellsOf(combinations, sweep.repeats);
  const startedAt = new Date().toISOString();
  const begin = performance.now();
  const measured: MeasuredCell[] = [];
  run.appendRaw('cells.csv', cellCsvHeader(dimensions));
  const cleanUp = () => sweep.cleanUp?.().then(() => undefined, messageOf);
  try {
    await sweep.prepare?.(`${run.dir}/fill`);
    for (const cell of cells) {
      if (signal.aborted) break;
      context.onCell(cell, cells.length);
      const one = await runCell(cell, context.commandLine, cellWords(sweep, cell, run), signal);
      if (cell.index === 0 && one.isWrongInput && one.result.status.kind === 'failed')
        throw new InputError(one.result.status.message, { where: describeCombination(cell.combination) });
      measured.push(one);
      run.append('cells.jsonl', one.result);
      run.appendRaw('cells.csv', cellCsvLines(one.result, dimensions));
      context.onResult(one.result);
    }
  } catch (error) {
    // What failed first is what the user should read.
    await cleanUp();
    throw error;
  }
  const { command, words, repeats } = sweep;
  return {
    ...{ command, words, dimensions, repeats, startedAt },
    durationMs: Math.round(performance.now() - begin),
    ending: signal.aborted ? 'interrupted' : 'complete',
    planned: cells.length,
    cells: measured.map(({ result }) => result),
    combinations: summarizeCells(combinations, measured),
    runFolder: run.dir,
    notCleaned: await cleanUp(),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function cellWords({ command, words, wordsOf }: Sweep, { combination }: Cell, run: Run): string[] {
  const following = wordsOf?.(combination) ?? [...words, ...flagWords(combination)];
  return [command, ...following, `--runs-dir=${run.dir}/cells`];
}
