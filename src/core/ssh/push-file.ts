import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError, OperationError } from '../errors/index.ts';
import type { PushContent, PushOptions, PushResult, RunOptions, RunResult } from './executor.ts';
import { fileSha256 } from './file-sha256.ts';

/** How a push runs its script: `Executor.script` of the connector. */
type RunScript = (source: string, args: readonly string[], options: RunOptions) => Promise<RunResult>;

/**
 * One exchange per file: the host says `same` (nothing to do), `mode` (only the mode was set) or `send`; after `send`
 * it reads the content. A stream that breaks off leaves a wrong checksum, and the trap removes the part (also when the
 * complaint about it meets a closed pipe).
 */
const RECEIVE = `
set -eu
dest=$1 sha=$2 size=$3 mode=$4
sum() { if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi; }
is() { [ "$(sum <"$1" | cut -c1-64)" = "$sha" ]; }
if [ -d "$dest" ]; then echo "$dest is a directory" >&2; exit 21; fi
if [ -f "$dest" ] && [ "$(wc -c <"$dest")" -eq "$size" ] && is "$dest"; then
  if [ -n "$(find "$dest" -prune -perm "$mode")" ]; then echo same; exit 0; fi
  chmod "$mode" "$dest"; echo mode; exit 0
fi
dir=$(dirname -- "$dest")
mkdir -p -- "$dir"
part="$dest.part-$$"
trap 'rm -f -- "$part"' EXIT
trap 'exit 1' HUP INT TERM PIPE
(umask 077; : >"$part")
echo send
cat >"$part"
if ! is "$part"; then echo "the content arrived damaged or cut short" >&2; exit 22; fi
chmod "$mode" "$part"
mv -f -- "$part" "$dest"
`;

/** Pushes through `runScript`; the connectors' `push`. `where` is the host's name, for errors. */
export async function pushFile(
  runScript: RunScript,
  where: string,
  content: PushContent,
  remotePath: string,
  options: PushOptions = {},
): Promise<PushResult> {
  const source = await describe(content, options.mode);
  const stdin = new PassThrough();
  let answer = '';
  let sending: Promise<void> | undefined;
  const onStdout = (chunk: Buffer) => {
    answer += chunk.toString();
    if (sending !== undefined || !answer.includes('\n')) return;
    // A failure to write is the script's to report: its exit code and stderr say more than EPIPE.
    sending = answer.startsWith('send')
      ? pipeline(source.open(), stdin).catch(() => {})
      : Promise.resolve(void stdin.end());
  };
  const args = [remotePath, source.sha256, String(source.size), source.mode.toString(8)];
  try {
    const { signal, become } = options;
    const result = await runScript(RECEIVE, args, { stdin, onStdout, signal, become });
    if (result.code !== 0) throw pushError(result, where, remotePath);
    return { changed: !answer.startsWith('same'), sha256: source.sha256 };
  } finally {
    stdin.destroy();
    await sending;
  }
}

interface Source {
  readonly sha256: string;
  readonly size: number;
  readonly mode: number;
  open(): Readable;
}

/** Checksum, size and mode of what is to be pushed. A file is never held in memory. */
async function describe(content: PushContent, mode: number | undefined): Promise<Source> {
  if (Buffer.isBuffer(content)) {
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { sha256, size: content.length, mode: mode ?? 0o644, open: () => Readable.from([content]) };
  }
  const { path } = content;
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new InputError('only a regular file can be pushed', { where: path });
    return {
      sha256: content.sha256 ?? (await fileSha256(path)),
      size: stats.size,
      mode: mode ?? stats.mode & 0o777,
      open: () => createReadStream(path),
    };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot read the file to push: ${(error as Error).message}`, { where: path, cause: error });
  }
}

function pushError(result: RunResult, where: string, remotePath: string): OperationError {
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  const full = /no space left|disk quota/i.test(result.stderr);
  const hint = full
    ? `make room on ${where}: df -h shows what is full`
    : /permission denied|read-only file system/i.test(result.stderr)
      ? `log in as a user that may write there, or set become: sudo for ${where}`
      : result.code === 21
        ? `end the destination with a / to push into that folder`
        : undefined;
  const reason = full
    ? 'no space left on the host'
    : said || `the host's shell ended with ${result.code ?? result.signal}`;
  return new OperationError(`push to ${remotePath} failed: ${reason}`, { where, hint });
}
