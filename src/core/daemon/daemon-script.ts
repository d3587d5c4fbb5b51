/**
 * What runs on the host: one constant POSIX script (dash, bash, busybox), called with a verb and quoted arguments.
 * Needs only util-linux' `setsid` and `flock` (busybox has both) and /proc.
 *
 * Two processes belong to a daemon. The keeper (`sh <dir>/run …`) leads its own session, ignores SIGHUP, waits and
 * records how the process ended. The process itself leads a second session and group, so that the whole group can be
 * signalled without the keeper. It writes its own pid file before it becomes the program: nothing ever runs unrecorded.
 *
 * The pid file holds: pid, start time (field 22 of /proc/<pid>/stat), boot id, token, keeper's pid, wall clock.
 * pid + start time + boot id name a process for certain; a recycled pid never matches. The token is in the process's
 * environment: it tells when the program has really been executed, and finds children that left the group.
 */
export const DAEMON_SCRIPT = `
set -u
verb=$1 root=$2/daemons; shift 2
read -r boot </proc/sys/kernel/random/boot_id

fail() { echo "$2" >&2; exit "$1"; }
nap() { if sleep 0.02 2>/dev/null; then napped=20; else sleep 1; napped=1000; fi; }

stat_of() {
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  set -- \${line##*\\) }
  p_state=$1 p_start=\${20}
}

load() {
  d_pid= d_start= d_boot= d_token= d_keeper= d_at=
  [ -f "$1/pid" ] && read -r d_pid d_start d_boot d_token d_keeper d_at <"$1/pid"
}

alive() {
  [ -n "$d_pid" ] && [ "$d_boot" = "$boot" ] && stat_of "$d_pid" && [ "$p_start" = "$d_start" ] || return 1
  case $p_state in Z | X | x) return 1 ;; esac
}

ended() {
  e_token= e_code=
  [ -f "$1/exit" ] && read -r e_token e_code <"$1/exit"
  [ -n "$e_token" ] && [ "$e_token" = "$d_token" ]
}

limit_of() { sed -n "s/^$2  *\\([^ ]*\\) .*/\\1/p" "/proc/$1/limits" 2>/dev/null; }

report() {
  load "$1"
  if [ -z "$d_pid" ]; then echo absent; return; fi
  if alive; then
    echo "running $d_pid $d_at $(limit_of "$d_pid" 'Max open files') $(limit_of "$d_pid" 'Max processes')"
    return
  fi
  waited=0
  until ended "$1"; do
    [ "$d_boot" = "$boot" ] && [ "$waited" -lt 2000 ] && grep -qszxF "$1/run" "/proc/$d_keeper/cmdline" || break
    nap; waited=$((waited + napped))
  done
  if ended "$1"; then echo "exited $e_code"; else echo 'exited unknown'; fi
  tail -c 4096 "$1/log" 2>/dev/null | tail -n 20 | sed 's/^/|/'
}

signal_group() { kill -s "$1" -- "-$d_pid" 2>/dev/null || kill -s "$1" "$d_pid" 2>/dev/null; }

sweep() {
  [ -n "$d_token" ] && [ "$d_boot" = "$boot" ] || return 0
  for found in $(grep -lszxF "ETCDPERF_DAEMON=$d_token" /proc/[0-9]*/environ); do
    found=\${found#/proc/}; kill -s KILL "\${found%/environ}" 2>/dev/null
  done
  return 0
}

stop() {
  load "$1"
  if alive; then
    signal_group TERM; signal_group CONT
    waited=0
    while alive && [ "$waited" -lt "$2" ]; do nap; waited=$((waited + napped)); done
    if alive; then signal_group KILL; fi
    waited=0
    while alive; do
      [ "$waited" -lt 10000 ] || fail 1 "process $d_pid does not end, not even by SIGKILL"
      nap; waited=$((waited + napped))
    done
  fi
  sweep
}

now_ns() {
  ns=$(date +%s%N)
  case $ns in *[!0-9]* | ??????????) ns=$(($(date +%s) + $1))000000000 ;; esac
}

lock() {
  exec 9>>"$root/.lock" || fail 1 "cannot lock $root/.lock"
  waited=0
  until flock -n 9; do
    [ "$waited" -lt 30000 ] || fail 1 "$root/.lock is held by another"
    nap; waited=$((waited + napped))
  done
}

start() {
  name=$1 nofile=$2 cwd=$3 config=$4; shift 4
  dir=$root/$name
  command -v setsid >/dev/null && command -v flock >/dev/null || fail 1 'setsid and flock (util-linux) are needed'
  mkdir -p "$dir" && chmod 700 "$dir" || fail 1 "cannot make $dir"
  # Not under the lock: a connection that breaks here may leave us reading for long. A part is not a config.
  new=$dir/config.new-$$
  if [ "$config" != none ] && [ "$config" != keep ]; then
    (umask 077 && cat >"$new") || { rm -f "$new"; fail 1 "cannot write $dir/config"; }
    [ "$(wc -c <"$new")" -eq "$config" ] || { rm -f "$new"; fail 1 'the config arrived cut short'; }
  fi
  lock
  load "$dir"
  if alive; then rm -f "$new"; fail 73 "$d_pid"; fi
  rm -f "$dir/pid" "$dir/exit"
  case $config in
  keep) ;;
  none) rm -f "$dir/config" ;;
  *) mv "$new" "$dir/config" || fail 1 "cannot write $dir/config" ;;
  esac
  printf '%s\\0' "$name" "$nofile" "$cwd" keep "$@" >"$dir/command" || fail 1 "cannot write $dir/command"
  [ -n "$cwd" ] || cwd=$dir
  read -r token </proc/sys/kernel/random/uuid
  cat >"$dir/run" <<'RUN' || fail 1 "cannot write $dir/run"
# Written by etcdperf. Keeps one process and records how it ended.
if [ "$1" = process ]; then
  dir=$2 token=$3 nofile=$4 cwd=$5; shift 5
  line=$(cat /proc/$$/stat)
  start=$(set -- \${line##*\\) }; echo "\${20}")
  read -r boot </proc/sys/kernel/random/boot_id
  echo "$$ $start $boot $token $PPID $(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$dir/pid.new" &&
    mv "$dir/pid.new" "$dir/pid" || exit 125
  [ "$nofile" = 0 ] || ulimit -n "$nofile" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
  cd "$cwd" || exit 126
  while [ "$1" != -- ]; do export "$1"; shift; done
  shift
  export "ETCDPERF_DAEMON=$token"
  exec "$@"
fi
dir=$1 token=$2
trap '' HUP
(trap - HUP; exec setsid sh "$dir/run" process "$@") </dev/null >>"$dir/log" 2>&1 &
wait $!
echo "$token $?" >"$dir/exit.new" && mv "$dir/exit.new" "$dir/exit"
RUN
  setsid sh "$dir/run" "$dir" "$token" "$nofile" "$cwd" "$@" </dev/null >/dev/null 2>&1 9>&- &
  keeper=$! waited=0
  while [ "$waited" -lt 5000 ]; do
    load "$dir"
    if [ "$d_token" = "$token" ]; then
      ended "$dir" && break
      grep -qszxF "ETCDPERF_DAEMON=$token" "/proc/$d_pid/environ" && break
      alive || break
    elif ! stat_of "$keeper" || [ "$p_state" = Z ]; then
      fail 1 "nothing could be started in $dir: $(tail -n 3 "$dir/log" 2>/dev/null)"
    fi
    nap; waited=$((waited + napped))
  done
  report "$dir"
}

# With the settings and the config of the start before; the script comes along for those who have no other way to it.
again() {
  [ -f "$root/$1/command" ] || fail 4 "nobody noted how $1 was started"
  xargs -0 sh -c "$2" sh start "\${root%/daemons}" <"$root/$1/command"
}

case $verb in
start) start "$@" ;;
again) again "$@" ;;
restart)
  # Whoever asked for it may go away: what was stopped is started again.
  trap '' HUP
  load "$root/$1"
  alive || fail 3 "$(report "$root/$1")"
  [ -f "$root/$1/command" ] || fail 4 "nobody noted how $1 was started"
  now_ns 0; asked=$ns
  stop "$root/$1" "$2"
  now_ns 0; stopped=$ns
  (trap - HUP; again "$1" "$3") || exit
  now_ns 1
  echo "restarted $asked $stopped $ns"
  ;;
state) report "$root/$1" ;;
list)
  for dir in "$root"/*/; do
    [ -d "$dir" ] || continue
    dir=\${dir%/}; echo "daemon \${dir##*/}"; report "$dir"
  done
  ;;
kill)
  load "$root/$1"
  alive || fail 3 "$(report "$root/$1")"
  now_ns 0; before=$ns
  signal_group "$2" || fail 1 "no permission to signal process $d_pid"
  now_ns 1
  echo "$d_pid $before $ns"
  ;;
stop) stop "$root/$1" "$2"; report "$root/$1" ;;
remove)
  stop "$root/$1" "$2"
  [ -d "$root" ] || exit 0
  lock
  load "$root/$1"
  if alive; then fail 73 "$d_pid"; fi
  # Its keeper may be noting just now how it ended.
  waited=0
  until rm -rf "$root/$1" 2>/dev/null; do
    [ "$waited" -lt 2000 ] || fail 1 "cannot remove $root/$1"
    nap; waited=$((waited + napped))
  done
  ;;
esac
`;
