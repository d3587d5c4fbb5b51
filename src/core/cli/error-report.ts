import { styleText } from 'node:util';
import { EtcdperfError, InputError, type InputProblem } from '../errors/index.ts';

/** An error as a user (or, with `--json`, a program) sees it. */
export interface ErrorReport {
  readonly name: string;
  readonly message: string;
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
  readonly problems?: readonly InputProblem[] | undefined;
  readonly exitCode: number;
}

/** Turns anything thrown into a report. An error that is not ours keeps its message and ends with 1. */
export function errorReport(error: unknown): ErrorReport {
  if (error instanceof EtcdperfError) {
    const problems = error instanceof InputError && error.problems.length > 0 ? error.problems : undefined;
    const { name, hint, exitCode } = error;
    return { name, ...ofFlag(error.message, error.where), hint, problems, exitCode };
  }
  if (error instanceof Error) {
    const exit = (error as { oclif?: { exit?: number } }).oclif?.exit;
    // oclif throws an ExitError for --help and the like: it is no failure to be told of.
    const silent = (error as { code?: string }).code === 'EEXIT';
    return { name: error.name, ...ofFlag(silent ? '' : error.message), exitCode: exit ?? 1 };
  }
  return { name: 'Error', message: String(error), exitCode: 1 };
}

/** oclif puts what a flag's value was refused for between a title and a line of advice: the flag is where it went wrong. */
function ofFlag(message: string, where?: string): Pick<ErrorReport, 'message' | 'where'> {
  const [, flag, reason] = /^Parsing (--\S+) \n\t(.*)\nSee more help with --help$/s.exec(message) ?? [];
  if (flag === undefined || reason === undefined) return { message, where };
  return { message: reason, where: where ?? flag };
}

/** Several lines: what failed, where, each problem, and what to try. */
export function renderErrorReport(report: ErrorReport, colour: boolean): string {
  const paint = (style: 'red' | 'dim' | 'cyan', text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const at = (where: string | undefined) => (where === undefined ? '' : `${where}: `);
  const lines = [`${paint('red', 'error:')} ${at(report.where)}${report.message}`];
  for (const problem of report.problems ?? []) {
    lines.push(`  ${at(problem.where)}${problem.message}`);
    if (problem.hint !== undefined) lines.push(paint('dim', `    ${problem.hint}`));
  }
  if (report.hint !== undefined) lines.push(`${paint('cyan', 'try:')} ${report.hint}`);
  return lines.join('\n');
}
