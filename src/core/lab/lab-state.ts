import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDir } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** What a lab's folder remembers. Which processes it has is never remembered but looked up: see `lab-processes.ts`. */
export interface LabState {
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** `made` once everything stands. */
  readonly phase: 'making' | 'made';
  /** The process that makes it: a lab found `making` without its maker was interrupted. */
  readonly maker: ProcessIdentity;
  /** An ephemeral lab ends with the process that made it. */
  readonly ephemeral: boolean;
  /** The most that one host's files may take, bytes. */
  readonly diskBytes: number;
  /** First three octets, `198.18.7`; absent until it is chosen. */
  readonly subnet?: string;
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** Where the hosts are nodes of a Kubernetes. */
  readonly kubernetes?: { readonly version: string; readonly apiServer: string };
}

/** The folder that all labs of this user are in. */
export function labsDir(): string {
  return join(stateDir(), 'labs');
}

/** The folder of the lab of this name. Throws InputError where that is no name: it would be a path to who knows where. */
export function labDir(name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) return join(labsDir(), name);
  throw new InputError(`'${name}' is no name for a lab: a-z, 0-9 and -, 32 at most`, { where: '--name' });
}

export async function readLabState(dir: string): Promise<LabState | undefined> {
  try {
    return JSON.parse(await readFile(join(dir, 'lab.json'), 'utf8')) as LabState;
  } catch {
    // Half-written, half-removed or never there: the lab can still be taken down without it.
    return undefined;
  }
}

export async function writeLabState(dir: string, state: LabState): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'lab.json.new'), `${JSON.stringify(state, null, 2)}\n`);
  await rename(join(dir, 'lab.json.new'), join(dir, 'lab.json'));
}

/** The folders of all labs there are, running or not. */
export async function listLabDirs(): Promise<string[]> {
  const entries = await readdir(labsDir(), { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(labsDir(), entry.name));
}
