import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { InputError, OperationError } from '../errors/index.ts';
import type { CopyOptions, ExecOptions, ExecResult } from './kube.ts';

type Run = (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>;

/** What is copied, and where to. */
interface Copy extends CopyOptions {
  readonly localPath: string;
  readonly remotePath: string;
}

/** Reads exactly as much as there is: older servers can't end a command's stdin. */
const RECEIVE = `set -e
part="$1.part"
trap 'rm -f "$part"' EXIT
head -c "$2" > "$part"
[ "$(wc -c < "$part")" -eq "$2" ]
chmod "$3" "$part"
mv "$part" "$1"`;

export async function copyTo(run: Run, { localPath, remotePath, mode = 0o644, ...options }: Copy): Promise<void> {
  const file = await stat(localPath).catch((cause) => {
    throw new InputError("the file to copy can't be read", { where: localPath, cause });
  });
  if (!file.isFile()) throw new InputError('what is to be copied is not a file', { where: localPath });
  const argv = ['sh', '-c', RECEIVE, 'sh', remotePath, String(file.size), mode.toString(8)];
  const { code, stderr } = await run(argv, { ...options, stdin: createReadStream(localPath) });
  if (code !== 0) throw new OperationError(`${remotePath} can't be written: ${reason(stderr, code)}`);
}

export async function copyFrom(run: Run, { localPath, remotePath, mode = 0o644, ...options }: Copy): Promise<void> {
  const part = `${localPath}.part`;
  const file = await open(part, 'w', mode);
  try {
    const onStdout = async (chunk: Buffer) => {
      await file.writeFile(chunk);
    };
    const { code, stderr } = await run(['cat', remotePath], { ...options, onStdout });
    if (code !== 0) throw new OperationError(`${remotePath} can't be read: ${reason(stderr, code)}`);
    await file.close();
    await rename(part, localPath);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(part, { force: true });
    throw error;
  }
}

function reason(stderr: string, code: number): string {
  return stderr.trim().split('\n').at(-1)?.trim() || `exit code ${code}`;
}
