import { OperationError } from '../errors/index.ts';
import type { ToolResult } from './run-tool.ts';

/** What the skewing of a clock needs of a host. */
export interface SkewableHost {
  readonly name: string;
  exec(argv: readonly string[]): Promise<ToolResult>;
}

/** libfaketime for every new process, by the dynamic linker; it reads the offset from /etc/faketimerc. */
export const SKEW_SCRIPT = `
set -eu
seconds=$1
rm -f /etc/ld.so.preload
if [ "$seconds" != 0 ]; then
  library=
  for candidate in /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib64/faketime/libfaketimeMT.so.1 /usr/lib/faketime/libfaketimeMT.so.1; do
    [ ! -e "$candidate" ] || library=$candidate
  done
  [ -n "$library" ] || { echo 'libfaketime is not installed' >&2; exit 1; }
  echo "$seconds" >/etc/faketimerc
  echo "$library" >/etc/ld.so.preload
else
  rm -f /etc/faketimerc
fi
# A chronyd that runs keeps the clock it started with: the same one is started anew.
if pid=$(pgrep -o -x chronyd.real); then
  cp "/proc/$pid/cmdline" /run/chronyd.cmdline
  kill "$pid"
  while [ -e "/proc/$pid" ]; do sleep 0.05; done
  setsid --fork xargs -0 -a /run/chronyd.cmdline env -u FAKETIME_SHARED </dev/null >/dev/null 2>&1
fi
# So does sshd's listener. Killed, not ended: it must not clear away the shared memory that its sessions still use.
kill -KILL "$(cat /run/sshd.pid)"
while grep -q ':0016 [0:]* 0A' /proc/net/tcp; do sleep 0.01; done
sh /usr/local/lib/etcdperf-lab/start-sshd.sh
`;

/** Makes the host's wall clock look wrong by this much to all processes that start from now on. */
export async function skewHost(host: SkewableHost, offsetMs: number): Promise<void> {
  const seconds = offsetMs === 0 ? '0' : `${offsetMs > 0 ? '+' : '-'}${(Math.abs(offsetMs) / 1000).toFixed(3)}`;
  const result = await host.exec(['sh', '-c', SKEW_SCRIPT, 'sh', seconds]);
  if (result.code !== 0) {
    throw new OperationError(`the clock could not be skewed: ${result.stderr.trim()}`, {
      where: host.name,
      hint: 'apt-get install faketime, then lab:down and lab:up',
    });
  }
}
