/**
 * Boots one node, in POSIX sh, run inside the lab's namespaces: `sh host-boot.sh MARK <lab directory> <index> <node>`.
 *
 * The disk (a tmpfs in the lab's mount namespace) survives the node, as a disk survives a power cut; all else is made
 * anew. Says `ready` on stdout once its runtime has the images and its kubelet was started.
 */
export const nodeBootScript = String.raw`
set -eu
exec 3<&-
mark=$1 dir=$2 index=$3 host=$4
. "$dir/settings.sh"
home=$dir/hosts/$host
disk=$home/disk
mkdir -p "$disk"
if [ ! -d "$disk/proc" ]; then
  mount -t tmpfs -o "mode=755,size=$disk_bytes" etcdperf-disk "$disk"
  cd "$disk"
  mkdir -p -m 755 dev etc mnt opt/kubernetes opt/images opt/lab proc run sys tmp usr var/lib/containerd var/lib/kubelet var/log var/tmp .old
  mkdir -m 700 root
  chmod 1777 tmp var/tmp
  mkdir tmp/hostpath_pv
  for entry in /bin /lib /lib32 /lib64 /libx32 /sbin; do
    if [ -L "$entry" ]; then cp -a "$entry" .; elif [ -d "$entry" ]; then mkdir ".$entry"; fi
  done
  for entry in $etc_entries; do [ ! -e "/etc/$entry" ] || cp -a "/etc/$entry" etc/; done
  rm -rf etc/ssl/private
  echo "$host" >etc/hostname
  echo 'root:x:0:0:root:/root:/bin/sh' >etc/passwd
  echo 'root:x:0:' >etc/group
  tr -d - </proc/sys/kernel/random/uuid >etc/machine-id
  cp -a "$home/files/." .
fi
# The line of a node that was killed goes away a little after it.
ip link del "p$index" 2>/dev/null || :

for hierarchy in /sys/fs/cgroup/*/"$cgroup/$host"; do
  # Those of the pods that it had, which a power cut takes away.
  find "$hierarchy" -mindepth 1 -depth -type d -exec rmdir {} +
  echo $$ >"$hierarchy/cgroup.procs"
done
exec 9</proc/self/ns/net
exec setsid --fork unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child=SIGKILL -- \
  sh "$dir/scripts/host-inside.sh" "$mark" "$dir" "$index" "$host"
`;

/** What {@link nodeBootScript} becomes inside the node's namespaces: its PID 1. */
export const nodeInsideScript = String.raw`
set -eu
mark=$1 dir=$2 index=$3 host=$4
. "$dir/settings.sh"
home=$dir/hosts/$host
exec 8</proc/self/ns/net
hostname "$host"
cd "$home/disk"
hierarchies=$(awk '/ - cgroup / { split($0, half, " - "); split(half[1], at, " "); split(half[2], of, " "); n = split(at[5], path, "/"); print path[n] ":" of[3] }' /proc/self/mountinfo)
bind_ro() { mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
for entry in usr bin lib lib32 lib64 libx32 sbin; do
  if [ -d "$entry" ] && [ ! -L "$entry" ]; then bind_ro "/$entry" "$entry"; fi
done
bind_ro "$programs" opt/kubernetes
bind_ro "$images" opt/images
mount --bind "$dir/volumes/hostpath_pv" tmp/hostpath_pv
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=755 cgroup sys/fs/cgroup
for hierarchy in $hierarchies; do
  name=$(echo "$hierarchy" | cut -d: -f1)
  options=$(echo "$hierarchy" | cut -d: -f2 | sed 's/^rw,//; s/^xattr,//')
  mkdir "sys/fs/cgroup/$name"
  mount -t cgroup -o "$options" cgroup "sys/fs/cgroup/$name"
done
mount -t tmpfs -o mode=755,nosuid,size=64k dev dev
mount -t tmpfs -o mode=755,nosuid,nodev,size=256m run run
mkdir -m 755 dev/pts dev/shm
mkdir -m 1777 run/lock
ln -sfn /run var/run
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev,size=256m shm dev/shm
for device in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'kmsg 1 11' 'tty 5 0'; do
  set -- $device
  mknod -m 666 "dev/$1" c "$2" "$3"
done
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr

# Kernel settings that are not per network namespace belong to this machine. The kubelet wants some to have values of its
# own: it finds them, in files that stand before the real ones.
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mkdir -p run/sysctl
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=run/sysctl/$(echo "$setting" | tr / . | cut -d= -f1)
  echo "$setting" | cut -d= -f2 >"$file"
  mount --bind "$file" "proc/sys/$(echo "$setting" | cut -d= -f1)"
done
mount -o remount,bind,ro proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind dev/null proc/sysrq-trigger

address=$(cat "$home/address")
nsenter --net=/proc/self/fd/9 ip link add "p$index" master br0 up type veth peer name eth0 netns /proc/self/fd/8
printf '%s\n' 'link set lo up' 'link set eth0 up' "addr add $address/24 dev eth0" \
  "route add default via $(echo "$address" | cut -d. -f1-3).2" | ip -batch -
echo 1 >proc/sys/net/ipv4/ip_forward
exec 8<&- 9<&-

pivot_root . .old
umount -l /.old
mount --make-rshared /
exec env -i PATH=/opt/kubernetes:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  sh /opt/lab/init.sh "$mark"
`;

/** A node's PID 1 once it is set up: keeps runtime, kubelet and kube-proxy running, reaps orphans. */
export const nodeInitScript = String.raw`
ulimit -Sc 0
keep_running() {
  log=$1
  shift
  while :; do
    "$@" >>"/var/log/$log" 2>&1
    sleep 1
  done
}
keep_running containerd.log containerd --log-level warn &
tries=0
until ctr version >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ]; then
    tail -n 3 /var/log/containerd.log >&2
    exit 1
  fi
  sleep 0.1
done
keep_running kubelet.log kubelet --config=/etc/kubernetes/kubelet.yaml --kubeconfig=/etc/kubernetes/kubelet.kubeconfig \
  --hostname-override="$(hostname)" --node-ip="$(cat /etc/kubernetes/address)" --v=1 &
keep_running kube-proxy.log kube-proxy --config=/etc/kubernetes/proxy.yaml --v=1 &
if [ ! -e /var/lib/containerd/imported ]; then
  for archive in $(cat /etc/kubernetes/images); do
    ctr -n k8s.io images import "/opt/images/$archive" >>/var/log/images.log 2>&1 || { tail -n 3 /var/log/images.log >&2; exit 1; }
  done
  : >/var/lib/containerd/imported
fi
echo ready
exec </dev/null >/dev/null 2>&1
while :; do
  sleep infinity &
  wait $!
done
`;
