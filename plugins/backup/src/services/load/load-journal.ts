import { closeSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@etcdperf/core/errors';
import type { Run, RunFolder } from '@etcdperf/core/runs';
import type { LoadPosition } from './acknowledged-keys.ts';
import type { LoadTask } from './load-settings.ts';

const JOURNAL_FILE = 'journal.jsonl';

/** What a load is of: a process that takes it up must work on the very same. */
export interface LoadIdentity {
  readonly task: LoadTask;
  /** Of the file as it lies there. */
  readonly sha256: string;
  /** Hex, of the target. */
  readonly clusterId: string;
}

/** How far the processes of a load came. */
export interface JournalState extends LoadIdentity {
  readonly position: LoadPosition;
  /** Leases that were granted again when the load was taken up, and whose keys perhaps weren't all put again. */
  readonly unsettled: ReadonlySet<bigint>;
}

type JournalLine =
  | {
      readonly kind: 'load';
      readonly task: Omit<LoadTask, 'prefixes'> & { readonly prefixes: readonly string[] };
      readonly sha256: string;
      readonly clusterId: string;
    }
  | ({ readonly kind: 'acknowledged' } & LoadPosition)
  | { readonly kind: 'granted again'; readonly leases: readonly string[] }
  /** The keys of those that were granted again are put. */
  | { readonly kind: 'settled' };

/** What a load notes in its run folder: never what it sent, only what etcd acknowledged. */
export class LoadJournal {
  readonly #run: Run;
  #last: LoadPosition;

  constructor(run: Run, position: LoadPosition) {
    this.#run = run;
    this.#last = position;
  }

  begin({ task, sha256, clusterId }: LoadIdentity): void {
    const prefixes = task.prefixes.map((prefix) => prefix.toString('base64'));
    this.#append({ kind: 'load', task: { ...task, prefixes }, sha256, clusterId });
  }

  /** Writes nothing where nothing was acknowledged since the last time. */
  acknowledged(position: LoadPosition): void {
    if (position.records === this.#last.records) return;
    this.#last = position;
    this.#append({ kind: 'acknowledged', ...position });
  }

  grantedAgain(leases: readonly bigint[]): void {
    this.#append({ kind: 'granted again', leases: leases.map((lease) => lease.toString(16)) });
  }

  settled(): void {
    this.#append({ kind: 'settled' });
  }

  #append(line: JournalLine): void {
    this.#run.append(JOURNAL_FILE, line);
  }
}

/** Reads what was noted, and cuts off a line that was not written to its end. Throws InputError where there is nothing. */
export async function readJournal(folder: RunFolder): Promise<JournalState> {
  const path = join(folder.dir, JOURNAL_FILE);
  cutOffHalfLine(path);
  let identity: LoadIdentity | undefined;
  let position: LoadPosition = { records: 0, keys: 0, bytes: 0 };
  const unsettled = new Set<bigint>();
  for await (const line of folder.events<JournalLine>(JOURNAL_FILE)) {
    switch (line.kind) {
      case 'load': {
        const prefixes = line.task.prefixes.map((prefix) => Buffer.from(prefix, 'base64'));
        identity = { task: { ...line.task, prefixes }, sha256: line.sha256, clusterId: line.clusterId };
        break;
      }
      case 'acknowledged':
        if (line.records > position.records) position = line;
        break;
      case 'granted again':
        for (const lease of line.leases) unsettled.add(BigInt(`0x${lease}`));
        break;
      case 'settled':
        unsettled.clear();
        break;
      default:
        line satisfies never;
    }
  }
  if (identity === undefined) throw new InputError('the run holds no load that could be resumed', { where: path });
  const { records, keys, bytes } = position;
  return { ...identity, position: { records, keys, bytes }, unsettled };
}

const NEWLINE = 10;

function cutOffHalfLine(path: string): void {
  let size: number;
  try {
    size = statSync(path).size;
  } catch (cause) {
    throw new InputError('the run holds no load that could be resumed', { where: path, cause });
  }
  const file = openSync(path, 'r');
  const byte = Buffer.alloc(1);
  let end = size;
  while (end > 0 && readSync(file, byte, 0, 1, end - 1) === 1 && byte[0] !== NEWLINE) end -= 1;
  closeSync(file);
  if (end < size) truncateSync(path, end);
}
