import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import type { DriverState } from '../services/resume/driver-state.ts';
import type { ControlOptions } from './control-of.ts';

const PROGRAM = fileURLToPath(new URL('driving-process.ts', import.meta.url));

/** A line of `driving-process.ts`; the first has `registered`, the last `confirmed`. */
export interface Line {
  readonly registered?: string;
  readonly resumed?: DriverState;
  readonly confirmed?: boolean;
  readonly loaded: number;
  readonly nextWrite: number;
  readonly counters?: { readonly puts: number };
  readonly totals?: { readonly puts: number };
}

/** A process that drives, as a pod has one. Disposing of it is kill -9. */
export class Driving implements AsyncDisposable {
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #errors = '';

  constructor(options: Omit<ControlOptions, 'context'> & { readonly endpoints: readonly string[] }) {
    const child = spawn(process.execPath, ['--conditions=etcdperf-source', PROGRAM, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    createInterface(child.stdout).on('line', (line) => this.lines.push(JSON.parse(line)));
    child.stderr.on('data', (text) => {
      this.#errors += text;
    });
    this.#child = child;
    this.#gone = new Promise((resolve) => child.once('close', () => resolve()));
  }

  /** Waits for a line. */
  async said(isIt: (line: Line) => boolean): Promise<Line> {
    return vi.waitFor(
      () => {
        const found = this.lines.find(isIt);
        expect(found, this.#errors).toBeDefined();
        return found!;
      },
      { timeout: 40_000, interval: 20 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }
}
