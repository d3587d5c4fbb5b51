import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { OperationError } from '../errors/index.ts';
import { downloadEtcd, RELEASES_URL } from './download-etcd.ts';
import type { EtcdPlatform } from './etcd-platform.ts';
import { withFileLock } from './file-lock.ts';
import { cachedEtcd, isExecutable, isFor, type ResolveEtcdOptions } from './resolve-etcd-binary.ts';

/** etcd's own program that makes data directories of snapshots. */
export interface SnapshotTool {
  readonly path: string;
  /** Since etcd 3.5 etcdutl, before it etcdctl. */
  readonly program: 'etcdutl' | 'etcdctl';
}

/**
 * Finds the program for etcd of `version`, in this order: beside ETCDPERF_ETCD, the cache, PATH (one of the same series),
 * a download of the official release into the cache (verified). Throws OperationError when that fails.
 */
export async function resolveSnapshotTool(
  options: Omit<ResolveEtcdOptions, 'binary' | 'version'> & { readonly version: string },
): Promise<SnapshotTool> {
  const env = options.env ?? process.env;
  const version = options.version.replace(/^v/, '');
  const program = snapshotProgram(version);
  const machine: EtcdPlatform = {
    platform: options.platform ?? process.platform,
    arch: options.arch ?? process.arch,
  };
  const isThisMachine = machine.platform === process.platform && machine.arch === process.arch;
  const fits = async (path: string) => (await isFor(path, machine)) && (!isThisMachine || (await isOf(path, version)));

  const named = env.ETCDPERF_ETCD;
  const beside = named === undefined || named === '' ? undefined : join(dirname(named), program);
  if (beside !== undefined && (await fits(beside))) return { path: beside, program };
  const cached = join(dirname(cachedEtcd(version, machine, env)), program);
  if (await isExecutable(cached)) return { path: cached, program };
  for (const folder of isThisMachine ? (env.PATH ?? '').split(delimiter) : []) {
    const path = join(folder, program);
    if (folder !== '' && (await fits(path))) return { path, program };
  }
  const folder = dirname(cached);
  await mkdir(folder, { recursive: true });
  return withFileLock(
    join(folder, '.lock'),
    async () => {
      if (await isExecutable(cached)) return { path: cached, program };
      options.onDownload?.(version);
      const baseUrl = options.baseUrl ?? (env.ETCDPERF_ETCD_MIRROR || RELEASES_URL);
      await downloadEtcd({ version, platform: machine, folder, baseUrl, signal: options.signal });
      if (await isExecutable(cached)) return { path: cached, program };
      throw new OperationError(`the release of etcd ${version} has no ${program}`, { where: baseUrl });
    },
    options.signal,
  );
}

function snapshotProgram(version: string): SnapshotTool['program'] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 3 && minor < 5 ? 'etcdctl' : 'etcdutl';
}

/** Whether a program is of the same series: data directories differ from one to the next. */
async function isOf(path: string, version: string): Promise<boolean> {
  const options = { timeout: 10_000, env: { ...process.env, ETCDCTL_API: '3' } };
  const { stdout } = await promisify(execFile)(path, ['version'], options).catch(() => ({ stdout: '' }));
  const found = /^etcd(?:utl|ctl) version: (\d+\.\d+)\./m.exec(stdout)?.[1];
  return found !== undefined && version.startsWith(`${found}.`);
}
