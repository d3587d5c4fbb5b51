import { readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { didYouMean, InputError, OperationError } from '../errors/index.ts';
import { MANIFEST_FILE, RESULT_FILE, type RunManifest } from './manifest.ts';
import { readEvents } from './read-events.ts';

/** A run folder being read. */
export interface RunFolder {
  readonly dir: string;
  readonly manifest: RunManifest;
  /** What `result.json` holds, or undefined where the run never came to a result. */
  result(): Promise<Record<string, unknown> | undefined>;
  /** Every file of the folder, sorted, with its size. */
  files(): Promise<{ readonly name: string; readonly bytes: number }[]>;
  /** See `readEvents`. */
  events<Event>(file: string): AsyncGenerator<Event>;
}

/** Opens one run folder. Throws OperationError where it isn't one. */
export async function openRun(dir: string): Promise<RunFolder> {
  const absolute = resolve(dir);
  const manifest = readJson(join(absolute, MANIFEST_FILE)) as RunManifest;
  return {
    dir: absolute,
    manifest,
    result: async () => {
      const path = join(absolute, RESULT_FILE);
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw new OperationError(`can't read the result: ${error.message}`, { where: path, cause: error });
      });
      return text === undefined ? undefined : (parseJson(text, path) as Record<string, unknown>);
    },
    files: async () => {
      const entries = await readdir(absolute, { recursive: true, withFileTypes: true });
      const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      const files = names.map(async (path) => ({
        name: path.slice(absolute.length + 1),
        bytes: (await stat(path)).size,
      }));
      return (await Promise.all(files)).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    events: (file) => readEvents(absolute, file),
  };
}

/** All run folders beneath a directory, newest first; none where there is no such directory. Other folders are left out. */
export async function listRuns(runsDir: string): Promise<RunFolder[]> {
  const runs: RunFolder[] = [];
  for (const id of await runIds(runsDir)) {
    const run = await openRun(join(runsDir, id)).catch(() => undefined);
    if (run !== undefined) runs.push(run);
  }
  return runs.sort((a, b) => (a.manifest.startedAt < b.manifest.startedAt ? 1 : -1));
}

/** The newest run, of one command where one is named; undefined where there is none. */
export async function latestRun(runsDir: string, command?: string): Promise<RunFolder | undefined> {
  return (await listRuns(runsDir)).find(({ manifest }) => command === undefined || manifest.command === command);
}

/** A run by its id, the start or end of its id, or its folder's path. Throws InputError where that names none, or several. */
export async function findRun(runsDir: string, name: string): Promise<RunFolder> {
  if (/[/\\]/.test(name)) return openRun(name);
  const ids = await runIds(runsDir);
  const found = ids.includes(name) ? [name] : ids.filter((id) => id.startsWith(name) || id.endsWith(name));
  if (found.length > 1) {
    throw new InputError(`'${name}' could be ${found.length} runs`, { hint: `one of: ${found.join(', ')}` });
  }
  if (found.length === 0) {
    throw new InputError(`no run '${name}'`, {
      where: runsDir,
      hint: didYouMean(name, ids) ?? 'see etcdperf runs:list',
    });
  }
  return openRun(join(runsDir, found[0]!));
}

async function runIds(runsDir: string): Promise<string[]> {
  const entries = await readdir(runsDir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new OperationError(`can't list the runs: ${error.message}`, { where: runsDir, cause: error });
  });
  // What createRun makes: the rest of a shared directory is nothing of ours.
  return entries.filter((entry) => entry.isDirectory() && /^\d{8}T\d{6}Z-/.test(entry.name)).map((entry) => entry.name);
}

function readJson(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof OperationError) throw cause;
    throw new OperationError(`'${basename(join(path, '..'))}' is not a run folder`, { where: path, cause });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OperationError(`damaged: ${(cause as Error).message}`, { where: path, cause });
  }
}
