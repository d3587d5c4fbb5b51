import { OperationError } from '../errors/index.ts';
import type { MemberSite } from './inspect-members.ts';
import type { TlsFiles } from './tls-files.ts';

/**
 * Arguments: the folder, then one name for each file. Files come on stdin, each ended by a line of its own. All of them
 * stand complete before the first takes its place: a member that reads them meanwhile gets the old or the new ones, and
 * a key and its certificate change in the same moment, as nearly as a file system can. Says which have changed.
 */
const INSTALL_SCRIPT = `
set -eu
dir=$1; shift
mkdir -p "$(dirname "$dir")"
umask 077
[ -d "$dir" ] || mkdir "$dir" 2>/dev/null || [ -d "$dir" ]
chmod 700 "$dir"
trap 'rm -f "$dir"/*.new.$$' EXIT
trap 'exit 1' HUP INT TERM PIPE
for name; do
  ended=
  while IFS= read -r line; do
    if [ "$line" = 'end of file' ]; then ended=yes; break; fi
    printf '%s\\n' "$line"
  done >"$dir/$name.new.$$"
  [ -n "$ended" ] || { echo 'the files arrived cut short' >&2; exit 22; }
done
for name; do
  if [ -f "$dir/$name" ] && cmp -s "$dir/$name.new.$$" "$dir/$name" 2>/dev/null; then
    chmod 600 "$dir/$name"; rm -f "$dir/$name.new.$$"
  fi
done
for name; do
  if [ -f "$dir/$name.new.$$" ]; then mv -f "$dir/$name.new.$$" "$dir/$name"; echo "$name"; fi
done
`;

/**
 * Writes a member's TLS files to its host, with mode 0600 in a folder with 0700, in one exchange. Returns the names of
 * those that have changed. Throws OperationError.
 */
export async function installTlsFiles(
  { executor }: MemberSite,
  tlsDir: string,
  tls: TlsFiles,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const stdin = Object.values(tls)
    .map((content) => `${content.toString('latin1').replace(/\n?$/, '\n')}end of file\n`)
    .join('');
  const args = [tlsDir, ...Object.keys(tls)];
  const { code, stdout, stderr } = await executor.script(INSTALL_SCRIPT, args, {
    stdin: Buffer.from(stdin, 'latin1'),
    signal,
  });
  if (code === 0) return stdout.split('\n').filter((name) => name !== '');
  throw new OperationError(`can't write certificates to ${tlsDir}: ${stderr.trim().split('\n').at(-1) ?? ''}`, {
    where: executor.name,
  });
}
