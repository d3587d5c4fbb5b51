import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Runs beside the test process, in its own session. It reads `add <pid>` and `drop <pid>`; when its input ends (we
 * closed it, or this process died in whatever way) it kills what is left and removes the folder.
 */
const GUARD = `
trap '' HUP INT TERM
pids=' '
while read -r verb pid; do
  case $verb in
    add) pids="$pids$pid " ;;
    drop) pids=$(printf '%s' "$pids" | sed "s/ $pid / /") ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
rm -rf -- "$1"
`;

/** Sees to it that no process and no folder of a test outlives the test's process, even when that is killed. */
export class DeathGuard {
  readonly #child: ChildProcess;

  /** @param folder removed at the end, with all that is in it */
  constructor(folder: string) {
    this.#child = spawn('/bin/sh', ['-c', GUARD, 'sh', folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#child.unref();
    this.#child.stdin?.on('error', () => {});
  }

  watch(pid: number): void {
    this.#child.stdin?.write(`add ${pid}\n`);
  }

  forget(pid: number): void {
    this.#child.stdin?.write(`drop ${pid}\n`);
  }

  /** Kills what is still watched, removes the folder, and waits until that is done. */
  async release(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.ref();
    this.#child.stdin?.end();
    await gone;
  }
}
