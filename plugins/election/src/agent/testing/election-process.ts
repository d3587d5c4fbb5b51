import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type AgentsConfigInput,
  type CandidateConfigInput,
  type ElectionEvent,
  parseElectionEvent,
} from '../../protocol/index.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
/** Ends a process that a killed test left behind. */
const longestTestMs = 300_000;

export type EventOf<K extends ElectionEvent['e']> = Extract<ElectionEvent, { e: K }>;

/** A candidate or agents process, from source, in its own folder: for tests. */
export class ElectionProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #folder: string;
  readonly #exited: Promise<number | null>;
  stderr = '';
  readonly #events: ElectionEvent[] = [];
  #offset = 0;
  #torn = '';

  static candidate(config: Omit<CandidateConfigInput, 'payload'>): Promise<ElectionProcess> {
    return ElectionProcess.start('candidate', { payload: 'max_slots=16\n', ...config });
  }

  static agents(config: AgentsConfigInput): Promise<ElectionProcess> {
    return ElectionProcess.start('agents', config);
  }

  static async start(
    kind: string,
    config: object,
    argv = ['--conditions=etcdperf-source', main],
  ): Promise<ElectionProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'etcdperf-election-'));
    const file = join(folder, 'config');
    await writeFile(file, JSON.stringify({ durationMs: longestTestMs, ...config }), { mode: 0o600 });
    return new ElectionProcess(
      folder,
      spawn(process.execPath, [...argv, kind, file], { stdio: ['ignore', 'ignore', 'pipe'] }),
    );
  }

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.child = child;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.#exited = new Promise((resolve) => child.once('exit', resolve));
  }

  /** Everything that it has told so far; its file is read on from where it was read to. */
  events(): readonly ElectionEvent[] {
    let fd: number;
    try {
      fd = openSync(join(this.#folder, 'events.jsonl'), 'r');
    } catch {
      return this.#events;
    }
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let length = 1; length > 0; ) {
      length = readSync(fd, buffer, 0, buffer.length, this.#offset);
      this.#offset += length;
      const lines = (this.#torn + buffer.toString('latin1', 0, length)).split('\n');
      this.#torn = lines.pop() ?? '';
      for (const line of lines) {
        const event = parseElectionEvent(Buffer.from(line, 'latin1').toString());
        if (event) this.#events.push(event);
      }
    }
    closeSync(fd);
    return this.#events;
  }

  of<K extends ElectionEvent['e']>(kind: K): EventOf<K>[] {
    return this.events().filter((event): event is EventOf<K> => event.e === kind);
  }

  /** Waits until it has told `count` such events, and returns them. */
  async until<K extends ElectionEvent['e']>(
    kind: K,
    matches: (event: EventOf<K>) => boolean = () => true,
    { count = 1, timeoutMs = 40_000, everyMs = 25 } = {},
  ): Promise<EventOf<K>[]> {
    const endMs = Date.now() + timeoutMs;
    for (;;) {
      const ended = this.child.exitCode ?? this.child.signalCode;
      const found = this.of(kind).filter(matches);
      if (found.length >= count) return found;
      if (Date.now() > endMs || ended !== null) {
        throw new Error(
          `${found.length} of ${count} events "${kind}", ${ended === null ? `after ${timeoutMs} ms` : `then it ended: ${ended}`}\n${this.stderr}\n${this.events()
            .slice(-20)
            .map((event) => JSON.stringify(event))
            .join('\n')}`,
        );
      }
      await sleep(everyMs);
    }
  }

  /** Sends the signal and, unless it only stops or continues it, waits for the end; returns the exit code. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return signal === 'SIGSTOP' || signal === 'SIGCONT' ? null : this.#exited;
  }

  exitCode(): Promise<number | null> {
    return this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exited;
    await rm(this.#folder, { recursive: true, force: true });
  }
}
