import { Command } from '@oclif/core/command';
import { didYouMean, EtcdperfError } from '../errors/index.ts';
import { errorReport, renderErrorReport } from './error-report.ts';
import { Interruption } from './interruption.ts';
import { openProgress, type Progress } from './progress.ts';

/**
 * What every command stands on: `--json`, Ctrl-C, progress on stderr, errors and exit codes.
 *
 * A subclass parses, calls a service with `this.signal` and `this.progress`, prints the rendered result with
 * `this.print` and returns the result itself, which is what `--json` shows.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  /** Set where `this.config` is asked for plugins or other commands: it knows of none unless told so. */
  static readonly usesFramework: boolean = false;

  private interruption: Interruption | undefined;
  private openedProgress: Progress | undefined;

  /** Aborted, with an InterruptedError as its reason, on the first SIGINT or SIGTERM. */
  protected get signal(): AbortSignal {
    this.interruption ??= Interruption.listen(process);
    return this.interruption.signal;
  }

  /** Where long work tells how far it is: stderr, redrawn on a terminal, plain lines elsewhere. */
  protected get progress(): Progress {
    this.openedProgress ??= openProgress(process.stderr);
    return this.openedProgress;
  }

  protected override async init(): Promise<void> {
    await super.init();
    // From the first moment: a Ctrl-C before the first await must already clean up.
    this.interruption ??= Interruption.listen(process);
  }

  /** Writes a result's text to stdout; with `--json` the returned object is printed instead. */
  protected print(text: string): void {
    if (this.jsonEnabled()) return;
    this.openedProgress?.done();
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** A remark beside the result: on stderr, also with `--json`. */
  protected remark(text: string): void {
    this.openedProgress?.done();
    process.stderr.write(`${text}\n`);
  }

  /**
   * The framework's own looks at every token, for colours that only a theme would have: tens of ms for a report.
   * Nothing is written for a command that returned nothing.
   */
  protected override logJson(json: unknown): void {
    if (json !== undefined) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  /** There is a result, yet not the one hoped for: it is shown and the process ends with `code`. */
  protected endWith(code: 0 | 1 | 3 | 130): void {
    process.exitCode = code;
  }

  protected override async catch(error: Error & { oclif?: { exit?: number } }): Promise<never> {
    this.openedProgress?.done();
    // What fails after Ctrl-C fails because of it.
    const shown = this.interruption?.signal.aborted === true ? this.interruption.signal.reason : error;
    const report = { ...errorReport(shown), ...this.misspeltFlag(shown) };
    process.exitCode = report.exitCode;
    if (this.jsonEnabled()) this.logJson({ error: report });
    else if (report.message !== '')
      process.stderr.write(`${renderErrorReport(report, process.stderr.isTTY === true)}\n`);
    if (process.env.DEBUG !== undefined && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
    throw Object.assign(error instanceof EtcdperfError ? new Error(report.message) : error, {
      oclif: { exit: report.exitCode },
      skipOclifErrorHandling: true,
    });
  }

  /** A suggestion for the first flag that there is none of. */
  private misspeltFlag(error: unknown): { hint?: string } {
    const [flag] = (error as { flags?: readonly unknown[] }).flags ?? [];
    if (typeof flag !== 'string' || !flag.startsWith('--')) return {};
    const known = Object.keys({ json: true, ...this.ctor.baseFlags, ...this.ctor.flags }).map((name) => `--${name}`);
    const hint = didYouMean(flag, known);
    return hint === undefined ? {} : { hint };
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.openedProgress?.done();
    this.interruption?.stop();
    await super.finally(error);
  }
}
