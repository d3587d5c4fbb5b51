/** How long a process may take to end when told to, before it is killed. */
export const END_GRACE_MS = 2000;

/** The variable that marks all processes of one command. */
export const COMMAND_MARK = 'ETCDPERF_COMMAND';

/**
 * A command that ends all processes which another one left, found by the mark in their environment: politely, and by
 * force what is left after the grace time. sshd's own signal request is refused for root's sessions, and closing a
 * channel that has no terminal ends nothing.
 */
export function endMarkedArgv(mark: string): string[] {
  return ['sh', '-c', END_MARKED, 'sh', `${COMMAND_MARK}=${mark}`, String(END_GRACE_MS / 100)];
}

const END_MARKED = `
marked() { grep -lFs -- "$1" /proc/[0-9]*/environ | cut -d/ -f3; }
pids=$(marked "$1")
[ -z "$pids" ] || kill -TERM $pids
tries=0
while pids=$(marked "$1") && [ -n "$pids" ]; do
  if [ "$tries" -ge "$2" ]; then kill -KILL $pids; exit; fi
  tries=$((tries + 1))
  sleep 0.1 2>/dev/null || { sleep 1; tries=$((tries + 9)); }
done
`;
