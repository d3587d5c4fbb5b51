/**
 * What breaks and mends a member on its host: one constant POSIX script (dash, bash, busybox), called with a verb and
 * quoted arguments: `begin`, `end`, `list`; `watch` is the dead man's timer.
 *
 * A fault has a folder, `<workDir>/faults/<id>`, that holds all that its undoing needs; before anything is broken, a
 * process of its own session (the watcher) is started there. It sleeps until the deadline and then undoes the fault,
 * whether or not anybody is left who remembers it. Whoever undoes it removes the folder. A member that ended meanwhile
 * (killed, or by itself on a full disk) is started again with the very same settings, by core/daemon's own script.
 *
 * Undoing is idempotent and follows from the files that are there: `chain` and `tables` (cut), `filler` (fill-disk),
 * `cgroup` and `home` (slow-disk by a limit), `tracer` (slow-disk by delays), `skew` and `faketime` (skew).
 *
 * Exit codes: 4 this can't be done here (the reason is on stderr, nothing was touched), 5 the member doesn't run,
 * 73 another fault of that member is active, 6 there is no such fault (any more).
 */
export const FAULT_SCRIPT = String.raw`
set -u
verb=$1 work=$2 root=$2/faults; shift 2
PATH=$PATH:/usr/sbin:/sbin
read -r boot </proc/sys/kernel/random/boot_id

fail() { echo "$2" >&2; rmdir "$root" 2>/dev/null; exit "$1"; }
nap() { sleep 0.05 2>/dev/null || sleep 1; }
now() { ns=$(date +%s%N); case $ns in *[!0-9]* | ??????????) ns=$(date +%s)000000000 ;; esac; }
content() { cat "$1" 2>/dev/null; }
start_of() { set -- $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null); [ $# -gt 19 ] || return 1; p_state=$1; shift 19; p_start=$1; }

# The member's process, as core/daemon recorded it.
load() { d_pid= d_start= d_boot=; [ -f "$work/daemons/$daemon/pid" ] && read -r d_pid d_start d_boot _ <"$work/daemons/$daemon/pid"; }
runs() {
  load
  [ -n "$d_pid" ] && [ "$d_boot" = "$boot" ] && start_of "$d_pid" && [ "$p_start" = "$d_start" ] || return 1
  case $p_state in Z | X | x) return 1 ;; esac
}
daemon_sh() { daemon_verb=$1; shift; sh -c "$(cat "$dir/daemon.sh")" sh "$daemon_verb" "$work" "$daemon" "$@"; }

is_root() { [ "$(id -u)" = 0 ] || fail 4 "$1 needs root on the host"; }

# --- kill, pause

check_kill() { runs || fail 5 'it does not run'; [ -f "$work/daemons/$daemon/command" ] || fail 4 'nobody noted how it was started: harness:deploy --restart notes it'; }
apply_kill() { daemon_sh kill KILL; }
undo_kill() { :; }

check_pause() { runs || fail 5 'it does not run'; }
apply_pause() { daemon_sh kill STOP; }
undo_pause() { if runs; then daemon_sh kill CONT >/dev/null; fi; }

# --- cut: DIRECTION ADDRESS PEERS|- CLIENTS|- [PEER-ADDRESS PEER-PORT]…

check_cut() {
  is_root 'cutting the network'
  case $2 in *:*) tables=ip6tables ;; *) tables=iptables ;; esac
  command -v $tables >/dev/null || fail 4 "$tables is not installed"
  said=$($tables -w 10 -n -L OUTPUT 2>&1 >/dev/null) || fail 4 "$tables does not work here: $(printf '%s\n' "$said" | tail -n 1)"
}
apply_cut() {
  direction=$1 address=$2 peer_port=$3 client_port=$4; shift 4
  case $address in *:*) tables=ip6tables ;; *) tables=iptables ;; esac
  echo "$tables" >"$dir/tables" && echo "ETCDPERF-$id" >"$dir/chain" || return 1
  for way in in out; do
    chain=ETCDPERF-$id-$way
    $tables -w 10 -N "$chain" || return 1
    if [ $way = in ]; then here=-d there=-s to=--dport from=--sport; else here=-s there=-d to=--sport from=--dport; fi
    for port in "$peer_port" "$client_port"; do
      [ "$port" = - ] || $tables -w 10 -A "$chain" -p tcp $here "$address" $to "$port" -j DROP || return 1
    done
    if [ "$peer_port" != - ]; then
      rest=$#
      while [ "$rest" -gt 1 ]; do
        $tables -w 10 -A "$chain" -p tcp $here "$address" $there "$1" $from "$2" -j DROP || return 1
        set -- "$@" "$1" "$2"; shift 2; rest=$((rest - 2))
      done
    fi
  done
  # Only now does anything change.
  case $direction in in | both) $tables -w 10 -I INPUT 1 -j "ETCDPERF-$id-in" || return 1 ;; esac
  case $direction in out | both) $tables -w 10 -I OUTPUT 1 -j "ETCDPERF-$id-out" || return 1 ;; esac
}
undo_cut() {
  tables=$(content "$dir/tables"); [ -n "$tables" ] || return 0
  for way in in out; do
    hook=INPUT; [ $way = in ] || hook=OUTPUT
    chain=ETCDPERF-$id-$way
    $tables -w 10 -n -L "$chain" >/dev/null 2>&1 || continue
    while $tables -w 10 -D $hook -j "$chain" 2>/dev/null; do :; done
    $tables -w 10 -F "$chain" && $tables -w 10 -X "$chain" || return 1
  done
}

# --- slow-disk: MILLISECONDS|- WRITES-PER-SECOND|- DATA-DIRECTORY

# Sets method and, for a limit, device: a limit where the data is on a disk whose I/O can be limited, else delays put
# into the member's fsync calls. Either only where it is given.
choose_slow() {
  method= why='no limit was given'
  number=$(stat -c %d "$3" 2>/dev/null) || fail 4 "there is no $3"
  major=$((number >> 8 & 4095)) minor=$((number & 255 | number >> 12 & 1048320))
  device=$major:$minor
  if [ -f "/sys/dev/block/$device/partition" ]; then device=$(content "/sys/dev/block/$device/../dev"); fi
  is_root 'slowing the disk down'
  if [ "$2" = - ]; then :
  elif [ "$major" = 0 ] || [ ! -e "/sys/dev/block/$device" ]; then why="$3 is not on a disk whose I/O can be limited"
  elif [ -w /sys/fs/cgroup/blkio/blkio.throttle.write_iops_device ]; then method=blkio
  elif [ -w /sys/fs/cgroup/cgroup.subtree_control ] && grep -qw io /sys/fs/cgroup/cgroup.controllers; then
    if grep -qw io /sys/fs/cgroup/cgroup.subtree_control || echo +io >/sys/fs/cgroup/cgroup.subtree_control; then method=io
    else why='the I/O controller of its cgroups is taken'
    fi
  else why='its cgroups can not limit I/O'
  fi 2>/dev/null
  [ -z "$method" ] || return 0
  [ "$1" != - ] || fail 4 "$why"
  command -v strace >/dev/null || fail 4 "$why, and strace, which could delay its fsyncs, is not installed"
  method=strace
}
check_slow_disk() { runs || fail 5 'it does not run'; choose_slow "$@"; }
apply_slow_disk() {
  choose_slow "$@"
  runs || return 1
  case $method in strace) echo "fsyncs delayed by $1 ms" ;; *) echo "at most $2 writes per second" ;; esac
  case $method in
  blkio)
    echo "/sys/fs/cgroup/blkio/etcdperf-$id" >"$dir/cgroup"
    echo "/sys/fs/cgroup/blkio$(sed -n 's/^[0-9]*:blkio://p' "/proc/$d_pid/cgroup")" >"$dir/home" || return 1
    mkdir "/sys/fs/cgroup/blkio/etcdperf-$id" &&
      echo "$device $2" >"/sys/fs/cgroup/blkio/etcdperf-$id/blkio.throttle.write_iops_device" &&
      echo "$d_pid" >"/sys/fs/cgroup/blkio/etcdperf-$id/cgroup.procs"
    ;;
  io)
    echo "/sys/fs/cgroup/etcdperf-$id" >"$dir/cgroup"
    echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$d_pid/cgroup")" >"$dir/home" || return 1
    mkdir "/sys/fs/cgroup/etcdperf-$id" &&
      echo "$device wiops=$2" >"/sys/fs/cgroup/etcdperf-$id/io.max" &&
      echo "$d_pid" >"/sys/fs/cgroup/etcdperf-$id/cgroup.procs"
    ;;
  strace)
    # Killed or not: a tracer that goes leaves what it traced as it was.
    setsid timeout -s KILL "$seconds" strace -qq -f -p "$d_pid" -e trace=fsync,fdatasync -o /dev/null \
      -e "inject=fsync,fdatasync:delay_enter=$(($1 * 1000))" </dev/null >/dev/null 2>"$dir/said" 8>&- 9>&- &
    echo "$!" >"$dir/tracer"
    waited=0
    while [ "$waited" -lt 100 ]; do
      grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$d_pid/status" 2>/dev/null && return 0
      start_of "$(content "$dir/tracer")" || break
      nap; waited=$((waited + 1))
    done
    tail -n 1 "$dir/said" >&2
    return 1
    ;;
  esac
}
undo_slow_disk() {
  if [ -f "$dir/tracer" ]; then kill -s KILL -- "-$(content "$dir/tracer")" 2>/dev/null; fi
  cgroup=$(content "$dir/cgroup"); [ -n "$cgroup" ] && [ -d "$cgroup" ] || return 0
  home=$(content "$dir/home"); [ -d "$home" ] || home=$(dirname "$cgroup")
  for pid in $(content "$cgroup/cgroup.procs"); do echo "$pid" >"$home/cgroup.procs"; done 2>/dev/null
  waited=0
  until rmdir "$cgroup" 2>/dev/null; do
    [ "$waited" -lt 40 ] || return 1
    nap; waited=$((waited + 1))
  done
}

# --- fill-disk: BYTES-TO-LEAVE DATA-DIRECTORY

free_bytes() { set -- $(stat -f -c '%f %a %S' "$1"); if [ "$(id -u)" = 0 ]; then echo $(($1 * $3)); else echo $(($2 * $3)); fi; }
check_fill_disk() {
  command -v fallocate >/dev/null || fail 4 'fallocate (util-linux) is not installed'
  [ -w "$2" ] || fail 4 "$2 can't be written to"
  free=$(free_bytes "$2") || fail 4 "the file system of $2 does not tell how much is free"
  [ "$free" -gt "$1" ] || fail 4 "only $free bytes are free there"
}
apply_fill_disk() {
  free=$(free_bytes "$2") filler=$2/.etcdperf-fill-$id
  echo "$filler" >"$dir/filler" || return 1
  size=$((free - $1)) shortfall=0
  # File systems need a little for themselves.
  until fallocate -l $((size - shortfall)) "$filler" 2>"$dir/said"; do
    grep -qi 'no space' "$dir/said" || { tail -n 1 "$dir/said" >&2; return 1; }
    shortfall=$((shortfall * 2 + 65536))
    [ "$shortfall" -lt "$size" ] || { tail -n 1 "$dir/said" >&2; return 1; }
  done
  echo "filled $((size - shortfall)) $(free_bytes "$2")"
}
undo_fill_disk() { filler=$(content "$dir/filler"); [ -z "$filler" ] || rm -f "$filler"; }

# --- skew: SECONDS SCRIPT

check_skew() { [ -f /usr/local/lib/etcdperf-lab/start-sshd.sh ] || fail 4 'only the hosts of a lab have a clock of their own that can be put wrong and right again'; is_root 'skewing the clock'; }
apply_skew() {
  printf '%s' "$2" >"$dir/skew" && { content /etc/faketimerc || echo 0; } >"$dir/faketime" || return 1
  sh "$dir/skew" "$1" 8>&- 9>&-
}
undo_skew() { [ ! -f "$dir/faketime" ] || sh "$dir/skew" "$(cat "$dir/faketime")" 8>&-; }

# ---

undo() {
  case $kind in
  kill) undo_kill ;; pause) undo_pause ;; cut) undo_cut ;;
  slow-disk) undo_slow_disk ;; fill-disk) undo_fill_disk ;; skew) undo_skew ;;
  esac || return 1
  [ -f "$work/daemons/$daemon/command" ] && ! runs || return 0
  daemon_sh again "$(cat "$dir/daemon.sh")" >/dev/null 2>"$dir/said" 8>&-
  code=$?
  # Somebody was quicker, or the member has been deleted.
  [ "$code" -eq 0 ] || runs || [ ! -d "$work/daemons/$daemon" ] || { cat "$dir/said" >&2; return 1; }
}

# Undoes the fault in $dir, once: whoever comes second waits, and finds it gone.
finish() {
  { exec 8>>"$dir/.lock"; } 2>/dev/null || exit 6
  flock 8 || exit 1
  [ -f "$dir/kind" ] || { rm -rf "$dir"; exit 6; }
  kind=$(cat "$dir/kind") daemon=$(cat "$dir/daemon")
  now; before=$ns
  undo || return 1
  now
  watcher=$(content "$dir/watcher")
  rm -f "$dir/kind"
  rm -rf "$dir"; rmdir "$root" 2>/dev/null
  return 0
}

watches() { [ $# -eq 3 ] && [ "$3" = "$boot" ] && start_of "$1" && [ "$p_start" = "$2" ]; }
# What is killed is not gone at once.
end_watcher() {
  waited=0
  while watches $watcher && [ "$p_state" != Z ] && [ "$waited" -lt 40 ]; do
    (set -- $watcher; kill -s KILL -- "-$1" 2>/dev/null)
    nap; waited=$((waited + 1))
  done
}

case $verb in
begin)
  id=$1 kind=$2 daemon=$3 seconds=$4 about=$5 script=$6 daemon_script=$7; shift 7
  dir=$root/$id
  for need in setsid flock; do command -v $need >/dev/null || fail 4 "$need (util-linux) is not installed"; done
  [ -d "$work/daemons/$daemon" ] || fail 5 'it is not there'
  (umask 077; mkdir -p "$root") 2>/dev/null && [ -w "$root" ] || fail 4 "$root can't be written to"
  # Of one member one at a time; its own folder is the lock.
  exec 9<"$work/daemons/$daemon" && flock 9 || exit 1
  for other in "$root"/*; do
    if [ "$(content "$other/daemon")" = "$daemon" ]; then content "$other/about"; exit 73; fi
  done
  case $kind in
  kill) check_kill ;; pause) check_pause ;; cut) check_cut "$@" ;;
  slow-disk) check_slow_disk "$@" ;; fill-disk) check_fill_disk "$@" ;; skew) check_skew "$@" ;;
  *) fail 4 "there is no fault '$kind'" ;;
  esac || exit
  umask 077
  mkdir "$dir" && echo "$daemon" >"$dir/daemon" && printf '%s\n' "$about" >"$dir/about" &&
    printf '%s' "$script" >"$dir/fault.sh" && printf '%s' "$daemon_script" >"$dir/daemon.sh" &&
    echo "$kind" >"$dir/kind" || { rm -rf "$dir"; fail 1 "cannot write to $dir"; }
  umask 022
  setsid sh "$dir/fault.sh" watch "$work" "$id" "$seconds" </dev/null >/dev/null 2>&1 9>&- &
  waited=0
  until [ -s "$dir/watcher" ]; do
    [ "$waited" -lt 200 ] || { rm -rf "$dir"; fail 1 'the timer that would undo it did not start'; }
    nap; waited=$((waited + 1))
  done
  now; before=$ns
  case $kind in
  kill) apply_kill >/dev/null ;; pause) apply_pause >/dev/null ;; cut) apply_cut "$@" ;;
  slow-disk) apply_slow_disk "$@" ;; fill-disk) apply_fill_disk "$@" ;; skew) apply_skew "$@" >/dev/null ;;
  esac || { finish && end_watcher; exit 1; }
  now
  echo "began $before $ns"
  ;;
watch)
  id=$1 dir=$root/$1
  trap '' HUP INT TERM
  start_of $$
  echo "$$ $p_start $boot" >"$dir/watcher.new" && mv "$dir/watcher.new" "$dir/watcher" || exit 1
  sleep "$2"
  tries=0
  # Its own session: what mends must not end with what it mends.
  until finish; do
    tries=$((tries + 1)); [ "$tries" -lt 120 ] || exit 1
    sleep 1
  done
  ;;
end)
  id=$1 dir=$root/$1
  [ -d "$dir" ] || exit 6
  finish || exit 1
  end_watcher
  echo "ended $before $ns"
  ;;
list)
  for dir in "$root"/*; do
    [ -f "$dir/kind" ] || continue
    watcher=$(content "$dir/watcher") watched=no
    if watches $watcher; then watched=yes; fi
    printf 'fault %s %s %s\n' "$(basename "$dir")" "$watched" "$(content "$dir/about")"
  done
  ;;
esac
`;
