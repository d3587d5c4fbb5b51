import { mkdirSync } from 'node:fs';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { OperationError } from '../errors/index.ts';
import type { RunManifest } from './manifest.ts';
import { Run } from './run.ts';

export interface CreateRunOptions {
  /** The folder that run folders are in; made where it is missing. */
  readonly runsDir: string;
  /** The command as the user knows it: `election:failover`. */
  readonly command: string;
  readonly title?: string | undefined;
  /** etcdperf's version (`this.config.version` in a command). */
  readonly version?: string | undefined;
  readonly inventory?: { readonly path: string; readonly digest: string } | undefined;
  /** What was asked: flags and their defaults. Values under keys like `password` or `token` are left out. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** Defaults to the present. */
  readonly startedAt?: Date | undefined;
}

/**
 * Makes `<runsDir>/<UTC time>-<command>-<short id>/` with its manifest (status `running`), before anything is measured.
 * Throws OperationError where the folder can't be made.
 */
export async function createRun(options: CreateRunOptions): Promise<Run> {
  const startedAt = options.startedAt ?? new Date();
  const id = [timestamp(startedAt), slug(options.command), shortId()].join('-');
  const dir = resolve(options.runsDir, id);
  try {
    mkdirSync(resolve(options.runsDir), { recursive: true });
    mkdirSync(dir);
  } catch (cause) {
    throw new OperationError(`can't make the run folder: ${(cause as Error).message}`, {
      where: dir,
      hint: 'choose another place: `runsDir` in the inventory, or --runs-dir',
      cause,
    });
  }
  const manifest: RunManifest = {
    id,
    command: options.command,
    ...(options.title === undefined ? {} : { title: options.title }),
    version: options.version ?? 'unknown',
    status: 'running',
    startedAt: startedAt.toISOString(),
    host: {
      name: hostname(),
      platform: `${process.platform}-${process.arch}`,
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
    },
    node: process.version,
    ...(options.inventory === undefined
      ? {}
      : { inventory: { path: options.inventory.path, digest: options.inventory.digest } }),
    config: withoutSecrets(options.config ?? {}),
  };
  return Run.start(join(dir), manifest);
}

/** `20261121T135521Z`: sorts as text in the order of time, and is a fine name on every file system. */
function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
}

/** Tells runs of the same second apart; without node:crypto, which takes 5 ms and 1 MB to load. */
function shortId(): string {
  return Math.floor(Math.random() * 0x10000)
    .toString(16)
    .padStart(4, '0');
}

function slug(command: string): string {
  return command.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '');
}

const SECRET_KEY = /^(pass(word|phrase)?|secret|token|private_?key|credentials?)$|(password|secret|token|passphrase)$/i;

/** A copy in which whatever is named like a secret is left out: a second line of defence, after not passing it. */
function withoutSecrets(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const clean = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(clean);
    if (item !== null && typeof item === 'object' && Object.getPrototypeOf(item) === Object.prototype) {
      return withoutSecrets(item as Record<string, unknown>);
    }
    return item;
  };
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !SECRET_KEY.test(key))
      .map(([key, item]) => [key, clean(item)]),
  );
}
