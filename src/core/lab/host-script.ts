/**
 * Boots one host, in POSIX sh, run inside the lab's namespaces: `sh host-boot.sh MARK <lab directory> <index> <host>`.
 *
 * The disk (a tmpfs in the lab's mount namespace) survives the host, as a disk survives a power cut; all else is made
 * anew. Says `ready` on stdout once sshd listens.
 */
export const hostBootScript = `
set -eu
exec 3<&-
mark=$1 dir=$2 index=$3 host=$4
. "$dir/settings.sh"
home=$dir/hosts/$host
mkdir -p "$home/disk" "$home/root"
if [ ! -d "$home/disk/upper" ]; then
  mount -t tmpfs -o "mode=755,size=$disk_bytes" etcdperf-disk "$home/disk"
  mkdir "$home/disk/upper" "$home/disk/work" "$home/disk/upper/etc" "$home/disk/upper/etc/ssh"
  echo "$host" >"$home/disk/upper/etc/hostname"
  tr -d - </proc/sys/kernel/random/uuid >"$home/disk/upper/etc/machine-id"
  cp "$home/ssh_host_ed25519_key" "$home/ssh_host_ed25519_key.pub" "$home/disk/upper/etc/ssh/"
  chmod 600 "$home/disk/upper/etc/ssh/ssh_host_ed25519_key"
fi
# The line of a host that was killed goes away a little after it.
ip link del "p$index" 2>/dev/null || :
exec 9</proc/self/ns/net
exec setsid --fork unshare --mount --uts --ipc --net --pid --fork --kill-child=SIGKILL -- \\
  sh "$dir/scripts/host-inside.sh" "$mark" "$dir" "$index" "$host"
`;

/** What {@link hostBootScript} becomes inside the host's namespaces: its PID 1. */
export const hostInsideScript = String.raw`
set -eu
mark=$1 dir=$2 index=$3 host=$4
. "$dir/settings.sh"
home=$dir/hosts/$host
exec 8</proc/self/ns/net
hostname "$host"
mount -t overlay etcdperf-root -o "lowerdir=$dir/base/layer:/,upperdir=$home/disk/upper,workdir=$home/disk/work" "$home/root"
cd "$home/root"
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=755,nosuid,size=64k dev dev
mount -t tmpfs -o mode=755,nosuid,nodev,size=64m run run
mkdir -m 755 dev/pts dev/shm run/sshd
mkdir -m 1777 run/lock
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev,size=256m shm dev/shm
for node in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
  set -- $node
  mknod -m 666 "dev/$1" c "$2" "$3"
done
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
# Kernel settings that are not per network namespace belong to this machine, not to the host.
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,ro proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind dev/null proc/sysrq-trigger

nsenter --net=/proc/self/fd/9 ip link add "p$index" master br0 up type veth peer name eth0 address "$(cat "$home/mac")" netns /proc/self/fd/8
printf '%s\n' 'link set lo up' 'link set eth0 up' "addr add $(cat "$home/address")/24 dev eth0" | ip -batch -
exec 8<&- 9<&-

pivot_root . .old
umount -l /.old
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 $environment \
  setpriv --bounding-set="$drop_caps" --inh-caps="$drop_caps" -- \
  sh /usr/local/lib/etcdperf-lab/init.sh "$mark"
`;

/** A host's PID 1 once it is set up: starts sshd, reaps orphans, and takes the host down when it is killed. */
export const hostInitScript = `
ulimit -Sn 1024
ulimit -Sc 0
sh /usr/local/lib/etcdperf-lab/start-sshd.sh || exit 1
echo ready
exec </dev/null >/dev/null 2>&1
while :; do
  sleep infinity &
  wait $!
done
`;

/**
 * Starts sshd. Where the clock is skewed, it gets shared memory that libfaketime made in another process: a process that
 * made its own removes it when it ends, and the sandbox of sshd's unprivileged child kills the child for trying.
 */
export const startSshdScript = `
unset FAKETIME_SHARED
if [ -s /etc/ld.so.preload ]; then
  FAKETIME_SHARED=$(sh -c 'echo "$FAKETIME_SHARED"; kill -KILL $$' 2>/dev/null) || :
  export FAKETIME_SHARED
fi
exec /usr/sbin/sshd -E /var/log/sshd.log
`;
