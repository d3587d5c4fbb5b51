import { spawn } from 'node:child_process';
import type { LoadReport } from '@etcdperf/core/load';
import type { RecorderJson } from '@etcdperf/core/stats';
import type { Cell } from './sweep-plan.ts';
import type { CellResult, CellStatus } from './sweep-report.ts';

/** How this very program is started: `[node, 'bin/run.js']`. */
export type CommandLine = readonly [program: string, ...args: string[]];

/** What a process of ours ended with. */
export interface CommandEnd {
  /** 130 for one that a signal ended. */
  readonly exitCode: number;
  readonly stdout: string;
  /** The end of it. */
  readonly stderr: string;
}

/** A cell's result, and the histograms of its series: these are merged, not kept in the sweep's own files. */
export interface MeasuredCell {
  readonly result: CellResult;
  /** The command refused its flags. */
  readonly isWrongInput: boolean;
  readonly histograms: ReadonlyMap<string, RecorderJson>;
}

const STDERR_KEPT = 4000;

/**
 * Runs one command in a process of its own, so that no cell inherits another's memory or compiled code. An aborted
 * signal interrupts it as Ctrl-C does, and its end is waited for.
 */
export function runCommand(
  [program, ...first]: CommandLine,
  args: readonly string[],
  signal: AbortSignal,
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...first, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A terminal's Ctrl-C goes to its whole process group. The child must get it once: a second one is 'at once'.
      detached: true,
    });
    const interrupt = () => void child.kill('SIGINT');
    const destroy = () => void child.kill('SIGKILL');
    signal.addEventListener('abort', interrupt, { once: true });
    process.once('exit', destroy);
    if (signal.aborted) interrupt();
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-STDERR_KEPT);
    });
    const settle = () => {
      signal.removeEventListener('abort', interrupt);
      process.off('exit', destroy);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('close', (code) => {
      settle();
      resolve({ exitCode: code ?? 130, stdout, stderr });
    });
  });
}

/** Measures one cell: `args` are the command and all of its flags. Never rejects for what the command ended with. */
export async function runCell(
  cell: Cell,
  commandLine: CommandLine,
  args: readonly string[],
  signal: AbortSignal,
): Promise<MeasuredCell> {
  const started = new Date();
  const begin = performance.now();
  const end = await runCommand(commandLine, [...args, '--json'], signal);
  const common = { ...cell, startedAt: started.toISOString(), durationMs: Math.round(performance.now() - begin) };
  const report = readReport(end.stdout);
  const status = statusOf(end, report);
  const isWrongInput = end.exitCode === 2;
  if (report === undefined || status.kind === 'failed') {
    const none = { series: [], cpuPercent: undefined, verdict: undefined, runFolder: report?.runFolder };
    return { result: { ...common, status, ...none }, isWrongInput, histograms: new Map() };
  }
  return {
    result: {
      ...common,
      status,
      series: report.series.map(({ histogram: _merged, ...series }) => series),
      cpuPercent: report.generator.cpuPercent,
      verdict: report.generator.verdict,
      runFolder: report.runFolder,
    },
    isWrongInput,
    histograms: new Map(report.series.map(({ name, histogram }) => [name, histogram])),
  };
}

function statusOf({ exitCode, stdout, stderr }: CommandEnd, report: LoadReport | undefined): CellStatus {
  if (exitCode === 130) return { kind: 'interrupted' };
  if (report !== undefined && exitCode === 0) return { kind: 'done' };
  if (report !== undefined && exitCode === 3) {
    const missed = report.thresholds.filter(({ isMet }) => !isMet);
    return { kind: 'missed', thresholds: missed.map(({ text, series }) => `${series} ${text}`) };
  }
  if (report?.ending.kind === 'stopped') return { kind: 'failed', message: report.ending.reason };
  const [error] = report?.errors ?? [];
  return { kind: 'failed', message: error?.message ?? errorOf(stdout) ?? lastLineOf(stderr) ?? `exit ${exitCode}` };
}

function readReport(stdout: string): LoadReport | undefined {
  const said = readJson(stdout);
  return said !== undefined && 'series' in said ? (said as unknown as LoadReport) : undefined;
}

/** What a command says with --json when it can't begin: its message, and where. */
function errorOf(stdout: string): string | undefined {
  const error = readJson(stdout)?.error as { message?: string; where?: string } | undefined;
  if (error?.message === undefined) return undefined;
  return error.where === undefined ? error.message : `${error.where}: ${error.message}`;
}

function readJson(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function lastLineOf(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
