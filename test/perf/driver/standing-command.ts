import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const POLL_MS = 100;
/** Of /proc's times: what Linux counts in, everywhere. */
const TICKS_PER_SEC = 100;

/** A command of the built program (`npm run build`) that puts something in place and lets it stand, in its own process. */
export class StandingCommand implements AsyncDisposable {
  #stderr = '';
  #stdout = '';
  readonly #folder: string;
  readonly #child;
  readonly #ended: Promise<void>;

  static async start(argv: readonly string[], endpoints: readonly string[]): Promise<StandingCommand> {
    return new StandingCommand(argv, endpoints, await mkdtemp(join(tmpdir(), 'etcdperf-perf-')));
  }

  private constructor(argv: readonly string[], endpoints: readonly string[], folder: string) {
    this.#folder = folder;
    const flags = [`--endpoints=${endpoints.join(',')}`, `--runs-dir=${folder}`, '--json'];
    this.#child = spawn(process.execPath, [BIN, ...argv, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  /** Until it says so on stderr. */
  async says(text: string): Promise<void> {
    while (!this.#stderr.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`it ended with ${this.#child.exitCode}: ${this.#stderr}`);
      await sleep(POLL_MS);
    }
  }

  /** In percent of a core, over so long from now. */
  async cpuPercent(ms: number): Promise<number> {
    const from = this.#cpuSeconds();
    const startedAt = performance.now();
    await sleep(ms);
    return ((this.#cpuSeconds() - from) * 100_000) / (performance.now() - startedAt);
  }

  /** The most resident memory until now, in MB. */
  peakMb(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }

  /** Ends it as Ctrl-C does; resolves with what it prints. */
  async end(): Promise<Record<string, unknown>> {
    this.#child.kill('SIGINT');
    await this.#ended;
    return JSON.parse(this.#stdout) as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC;
  }
}
