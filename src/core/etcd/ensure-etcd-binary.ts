import { OperationError } from '../errors/index.ts';
import type { Executor } from '../ssh/index.ts';
import { archOfUname } from './etcd-platform.ts';
import { resolveEtcdBinary } from './resolve-etcd-binary.ts';

export interface EnsureEtcdOptions {
  readonly version: string;
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
  if (executor.kind === 'local') {
    const found = await resolveEtcdBinary({ version, signal, onDownload });
    return { path: found.path, version, changed: found.source === 'download' };
  }
  const path = `${workDir}/bin/etcd-${version}`;
  // Files get there by rename: what is there is whole.
  const probe = await executor.script('uname -m; if [ -x "$1" ]; then echo there; fi', [path], { signal });
  const [machine = '', there] = probe.stdout.split('\n');
  if (probe.code !== 0)
    throw new OperationError(`can't look for etcd: ${probe.stderr.trim()}`, { where: executor.name });
  if (there === 'there') return { path, version, changed: false };
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
