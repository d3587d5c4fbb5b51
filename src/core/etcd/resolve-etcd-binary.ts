import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import { downloadEtcd, RELEASES_URL } from './download-etcd.ts';
import { type EtcdPlatform, isBuiltFor } from './etcd-platform.ts';
import { withFileLock } from './file-lock.ts';

/** What is run where nobody asks for a version. */
export const DEFAULT_VERSION = '3.6.16';

export interface ResolveEtcdOptions {
  /** Without `v`. Without one, an etcd of any version in PATH will do. */
  readonly version?: string | undefined;
  /** Of the machine it is to run on. Default: this one. */
  readonly platform?: NodeJS.Platform | undefined;
  readonly arch?: NodeJS.Architecture | undefined;
  /** A binary that the user named. */
  readonly binary?: string | undefined;
  /** Where releases are downloaded from. Default: ETCDPERF_ETCD_MIRROR, else etcd's own releases. */
  readonly baseUrl?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told right before a download, which is the only step that takes long. */
  readonly onDownload?: ((version: string) => void) | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface EtcdBinary {
  readonly path: string;
  readonly version: string;
  readonly source: 'flag' | 'env' | 'cache' | 'path' | 'download';
}

/**
 * Finds an etcd binary, in this order: the one that was named, ETCDPERF_ETCD, the cache, PATH, a download of the
 * official release into the cache (verified). A binary for another machine comes from the cache or a download, unless
 * ETCDPERF_ETCD is built for it. Throws InputError for a named binary that doesn't fit, OperationError when the
 * download fails.
 */
export async function resolveEtcdBinary(options: ResolveEtcdOptions = {}): Promise<EtcdBinary> {
  const env = options.env ?? process.env;
  const asked = options.version?.replace(/^v/, '');
  const machine: EtcdPlatform = {
    platform: options.platform ?? process.platform,
    arch: options.arch ?? process.arch,
  };
  const isThisMachine = machine.platform === process.platform && machine.arch === process.arch;

  if (options.binary !== undefined) return named(options.binary, 'flag', '--etcd', asked, isThisMachine);
  const fromEnv = env.ETCDPERF_ETCD;
  if (fromEnv !== undefined && fromEnv !== '' && (isThisMachine || (await isFor(fromEnv, machine))))
    return named(fromEnv, 'env', 'ETCDPERF_ETCD', asked, isThisMachine);

  const version = asked ?? DEFAULT_VERSION;
  const cached = cachedEtcd(version, machine, env);
  if (await isExecutable(cached)) return { path: cached, version, source: 'cache' };

  if (isThisMachine) {
    const installed = await installedEtcd(env.PATH ?? '', asked);
    if (installed !== undefined) return installed;
  }
  await mkdir(dirname(cached), { recursive: true });
  // Many hosts want the same file at the same time: the first one downloads it.
  return withFileLock(
    join(dirname(cached), '.lock'),
    async () => {
      if (await isExecutable(cached)) return { path: cached, version, source: 'cache' };
      options.onDownload?.(version);
      await downloadEtcd({
        version,
        platform: machine,
        folder: dirname(cached),
        baseUrl: options.baseUrl ?? (env.ETCDPERF_ETCD_MIRROR || RELEASES_URL),
        signal: options.signal,
      });
      return { path: cached, version, source: 'download' };
    },
    options.signal,
  );
}

/** Where the cache keeps a version: the plain folder is for this machine's own kind. */
export function cachedEtcd(
  version: string,
  machine: EtcdPlatform,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const own = machine.platform === process.platform && machine.arch === process.arch;
  return join(cacheDir(env), 'etcd', own ? version : `${version}-${machine.platform}-${machine.arch}`, 'etcd');
}

async function named(
  path: string,
  source: 'flag' | 'env',
  where: string,
  asked: string | undefined,
  canRun: boolean,
): Promise<EtcdBinary> {
  if (!(await isExecutable(path))) throw new InputError(`${path} is no program that can be run`, { where });
  // A binary for another kind of machine can't be asked here: it is believed.
  const version = canRun ? await versionOf(path) : (asked ?? DEFAULT_VERSION);
  if (version === undefined) throw new InputError(`${path} is not etcd: it doesn't tell its version`, { where });
  if (asked !== undefined && version !== asked)
    throw new InputError(`${path} is etcd ${version}, but ${asked} is asked for`, {
      where,
      hint: `name an etcd ${asked}, or change the cluster's version`,
    });
  return { path, version, source };
}

async function installedEtcd(path: string, asked: string | undefined): Promise<EtcdBinary | undefined> {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    const file = join(folder, 'etcd');
    if (!(await isExecutable(file))) continue;
    const version = await versionOf(file);
    if (version !== undefined && (asked === undefined || asked === version))
      return { path: file, version, source: 'path' };
  }
  return undefined;
}

export async function isFor(file: string, machine: EtcdPlatform): Promise<boolean> {
  return (await isExecutable(file)) && isBuiltFor(file, machine);
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** What `etcd --version` says; undefined when it isn't etcd. */
async function versionOf(file: string): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 10_000 }).catch(() => ({ stdout: '' }));
  return /^etcd Version: (\S+)/m.exec(stdout)?.[1];
}
