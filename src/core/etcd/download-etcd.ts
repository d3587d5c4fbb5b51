import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { OperationError } from '../errors/index.ts';
import { type EtcdPlatform, releaseName } from './etcd-platform.ts';

/** Where etcd's releases are: the base of `/v<version>/<file>`. A mirror has the same layout. */
export const RELEASES_URL = 'https://github.com/etcd-io/etcd/releases/download';

export interface DownloadOptions {
  readonly version: string;
  readonly platform: EtcdPlatform;
  readonly baseUrl: string;
  /** Where the release's programs go. They appear whole and verified, or not at all; what is there already stays. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  /** A server that sends nothing for this long is given up. */
  readonly stallMs?: number;
}

/** What there is of them: etcd 3.4 has no etcdutl yet. */
const PROGRAMS = ['etcd', 'etcdctl', 'etcdutl'];

/**
 * Downloads an official release, verifies it against the release's SHA256SUMS before anything is unpacked, and puts its
 * programs into a folder. Several at once are fine: the last one wins with the same file. Throws OperationError.
 */
export async function downloadEtcd(options: DownloadOptions): Promise<void> {
  const { version, baseUrl } = options;
  const name = releaseName(version, options.platform);
  const archive = `${name}.tar.gz`;
  const base = `${baseUrl.replace(/\/+$/, '')}/v${version}`;
  await mkdir(options.folder, { recursive: true });
  const folder = await mkdtemp(join(options.folder, '.download-'));
  const restoreProxy = useProxyFromEnvironment();
  try {
    const sums = join(folder, 'SHA256SUMS');
    await fetchToFile(`${base}/SHA256SUMS`, sums, options);
    const wanted = checksumOf(await readFile(sums, 'utf8'), archive);
    if (wanted === undefined) throw new OperationError(`its SHA256SUMS has no ${archive}`, { where: base, hint: HINT });
    const got = await fetchToFile(`${base}/${archive}`, join(folder, archive), options);
    if (got !== wanted)
      throw new OperationError(`${archive} has the wrong checksum: ${got}, SHA256SUMS says ${wanted}`, {
        where: base,
        hint: 'the download was damaged or tampered with, nothing of it was used; try again, or another mirror',
      });
    await unpack(join(folder, archive), folder);
    for (const program of PROGRAMS) await moveProgram(join(folder, program), join(options.folder, program));
  } finally {
    restoreProxy();
    await rm(folder, { recursive: true, force: true });
  }
}

const HINT = 'is it a released version? A mirror can be named in ETCDPERF_ETCD_MIRROR, a binary in ETCDPERF_ETCD';

/** The lower-case hex checksum of a file in `sha256sum` format, if it lists that file. */
export function checksumOf(sums: string, file: string): string | undefined {
  for (const line of sums.split('\n')) {
    const [, checksum, name] = /^([0-9a-fA-F]{64}) [ *](.+?)\s*$/.exec(line) ?? [];
    if (name === file) return checksum?.toLowerCase();
  }
  return undefined;
}

/** Streams a URL into a file; returns its SHA-256 (hex). */
async function fetchToFile(url: string, file: string, options: DownloadOptions): Promise<string> {
  const { signal, stallMs = 30_000 } = options;
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`nothing came for ${stallMs / 1000} s`)), stallMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([stalled.signal, ...(signal ? [signal] : [])]) });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status}`);
    }
    const hash = createHash('sha256');
    await pipeline(
      Readable.fromWeb(response.body),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          timer.refresh();
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(file),
    );
    return hash.digest('hex');
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const reason = stalled.signal.aborted ? (stalled.signal.reason as Error) : rootCause(error);
    throw new OperationError(`can't download etcd: ${reason.message}`, { where: url, hint: HINT, cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** fetch says only "fetch failed" or "terminated"; what happened is beneath. */
function rootCause(error: unknown): Error {
  let found = error instanceof Error ? error : new Error(String(error));
  while (found.cause instanceof Error) found = found.cause;
  return found;
}

async function unpack(archive: string, folder: string): Promise<void> {
  await promisify(execFile)('tar', ['-xzf', archive, '-C', folder, '--strip-components=1']).catch((cause) => {
    throw new OperationError(`can't unpack it: ${String(cause.stderr || cause.message).trim()}`, {
      where: archive,
      cause,
    });
  });
}

async function moveProgram(from: string, to: string): Promise<void> {
  const isThere = (file: string) => stat(file).then(Boolean, () => false);
  if (!(await isThere(from)) || (await isThere(to))) return;
  await chmod(from, 0o755);
  await rename(from, to);
}

/** fetch honours HTTPS_PROXY and the like only when told to (node 24.14 can; before, NODE_USE_ENV_PROXY=1 does). */
function useProxyFromEnvironment(): () => void {
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy } = process.env;
  if ((HTTPS_PROXY ?? https_proxy ?? HTTP_PROXY ?? http_proxy) === undefined) return () => undefined;
  // Loaded on demand: every command that reaches etcd would pay 30 ms for it.
  const http: { setGlobalProxyFromEnv?: () => () => void } = process.getBuiltinModule('node:http');
  return http.setGlobalProxyFromEnv?.() ?? (() => undefined);
}
