import { OperationError } from '../errors/index.ts';
import type { Executor } from '../ssh/index.ts';
import { archOfUname } from './etcd-platform.ts';
import { resolveEtcdBinary } from './resolve-etcd-binary.ts';

export interface EnsureEtcdOptions {
  readonly version: string;
  /** What `findEtcd` said a moment ago: saves asking again. */
  readonly found?: EtcdFinding | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onDownload?: ((version: string) => void) | undefined;
}

export interface HostEtcd {
  /** On that host. */
  readonly path: string;
  readonly version: string;
  /** Whether it had to be brought there. */
  readonly changed: boolean;
}

/** What a host has of one version of etcd. */
export interface EtcdFinding {
  /** Where it is, or would be; undefined on this machine, where it is used where it is. */
  readonly path: string | undefined;
  readonly isThere: boolean;
  /** As `uname -m` says. */
  readonly machine: string;
}

/** Looks whether a host has etcd of that version; changes nothing. One round trip. Throws OperationError. */
export async function findEtcd(
  executor: Executor,
  workDir: string,
  version: string,
  signal?: AbortSignal,
): Promise<EtcdFinding> {
  if (executor.kind === 'local') return { path: undefined, isThere: false, machine: '' };
  const path = `${workDir}/bin/etcd-${version}`;
  // Files get there by rename: what is there is whole.
  const probe = await executor.script('uname -m; if [ -x "$1" ]; then echo there; fi', [path], { signal });
  const [machine = '', there] = probe.stdout.split('\n');
  if (probe.code !== 0)
    throw new OperationError(`can't look for etcd: ${probe.stderr.trim()}`, { where: executor.name });
  return { path, isThere: there === 'there', machine };
}

/**
 * Sees to it that a host has etcd of that version, built for its kind of machine, as `<workDir>/bin/etcd-<version>`. On
 * this machine the binary is used where it is. One round trip where it is there already. Throws OperationError.
 */
export async function ensureEtcdBinary(
  executor: Executor,
  workDir: string,
  options: EnsureEtcdOptions,
): Promise<HostEtcd> {
  const { version, signal, onDownload } = options;
  const { path, isThere, machine } = options.found ?? (await findEtcd(executor, workDir, version, signal));
  if (path === undefined) {
    const found = await resolveEtcdBinary({ version, signal, onDownload });
    return { path: found.path, version, changed: found.source === 'download' };
  }
  if (isThere) return { path, version, changed: false };
  const binary = await resolveEtcdBinary({
    version,
    signal,
    onDownload,
    platform: 'linux',
    arch: archOfUname(machine),
  });
  const { changed } = await executor.push({ path: binary.path }, path, { mode: 0o755, ...(signal && { signal }) });
  return { path, version, changed };
}
