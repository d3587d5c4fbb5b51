import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { cacheDir } from '../config/index.ts';
import { OperationError } from '../errors/index.ts';
import type { Executor } from '../ssh/index.ts';

/** Unpacks stdin beside its destination, compares the checksum, runs it once, and only then moves it into place. */
const RECEIVE = `
set -eu
dest=$1 sha=$2
mkdir -p "\${dest%/*}"
part="$dest.part-$$"
trap 'rm -f "$part"' EXIT
trap 'exit 1' HUP INT TERM
gzip -dc >"$part" || { echo "cannot write $dest: $(df -Pk "\${dest%/*}" | awk 'NR == 2 { print $4 " KiB free on " $6 }')" >&2; exit 1; }
[ "$(sha256sum <"$part" | cut -c1-64)" = "$sha" ] || { echo 'it arrived damaged or cut short' >&2; exit 1; }
chmod 755 "$part"
"$part" --version >/dev/null || { echo 'it does not run there' >&2; exit 1; }
mv -f "$part" "$dest"
`;

/** Brings this process's own node to a host, compressed on the way. Throws OperationError. */
export async function pushNode(
  executor: Executor,
  remotePath: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const packed = await packNode();
  const stdin = new PassThrough();
  const abort = new AbortController();
  // The script may end early (disk full): its own words say more than our broken pipe.
  const sending = pipeline(createReadStream(packed.path), stdin, { signal: abort.signal }).catch(() => {});
  try {
    const result = await executor.script(RECEIVE, [remotePath, packed.sha256], { stdin, signal: options.signal });
    if (result.code === 0) return;
    const said = result.stderr.trim().split('\n').at(-1) || `the shell ended with ${result.code ?? result.signal}`;
    throw new OperationError(`node could not be brought to ${remotePath}: ${said}`, {
      where: executor.name,
      ...(/KiB free|No space left/.test(result.stderr) && { hint: `it takes about 200 MiB: df -h shows what is full` }),
    });
  } finally {
    abort.abort();
    stdin.destroy();
    await sending;
  }
}

/** This process's node, compressed once and kept in the cache, with the checksum of what it unpacks to. */
async function packNode(): Promise<{ readonly path: string; readonly sha256: string }> {
  const path = join(cacheDir(), 'node', `node-${process.version}-${process.platform}-${process.arch}.gz`);
  const sumFile = `${path}.sha256`;
  const kept = await readFile(sumFile, 'utf8').catch(() => undefined);
  if (kept !== undefined) return { path, sha256: kept.trim() };
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${randomUUID()}`;
  try {
    const hash = createHash('sha256');
    const source = createReadStream(process.execPath, { highWaterMark: 1 << 20 });
    source.on('data', (chunk) => hash.update(chunk));
    // Speed over size: level 1 is already half as big.
    await pipeline(source, createGzip({ level: constants.Z_BEST_SPEED }), createWriteStream(part));
    await rename(part, path);
    const sha256 = hash.digest('hex');
    await writeFile(part, `${sha256}\n`);
    await rename(part, sumFile);
    return { path, sha256 };
  } finally {
    await rm(part, { force: true });
  }
}
