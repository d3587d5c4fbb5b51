import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { DAEMON_SCRIPT } from './daemon-script.ts';

/** Waits for the end of its input, which this process holds open; then ends the folder's daemons and removes it. */
const GUARD_SCRIPT = `
trap '' HUP INT TERM
read -r _
for daemons in "$1"/daemons "$1"/*/daemons; do
  for dir in "$daemons"/*/; do
    [ -d "$dir" ] || continue
    dir=\${dir%/}
    sh -c "$2" sh remove "\${daemons%/daemons}" "\${dir##*/}" 0
  done
done
rm -rf -- "$1"
`;

/**
 * Sees to it that a temporary folder of this machine, with the daemons in it or in its subfolders, does not outlive
 * this process, even if that is killed. Disposed of, it does nothing: whoever made the folder has removed it.
 */
export function guardFolder(folder: string): Disposable {
  const guard = spawn('sh', ['-c', GUARD_SCRIPT, 'sh', folder, DAEMON_SCRIPT], {
    // A session of its own: the Ctrl-C that ends this process must not end it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  (guard.stdin as Socket | null)?.unref();
  // Without a shell there is no guard, and no daemon either.
  guard.on('error', () => {});
  return { [Symbol.dispose]: () => void guard.kill('SIGKILL') };
}
