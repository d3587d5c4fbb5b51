/**
 * The lab's outermost process, in POSIX sh: `sh switch.sh MARK <lab directory>`, started with a pipe as fd 3.
 *
 * As with a lab of hosts, the lab's PID 1 is beneath it in namespaces of its own, and all ends with that. What the kernel
 * doesn't end by itself, or only when the last connection inside was given up, is removed here afterwards: the line to
 * the lab, its cgroups, and where the maker died, the folder.
 */
export const kubernetesSwitchScript = String.raw`
set -u
mark=$1 dir=$2
. "$dir/settings.sh"
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
trap '' HUP INT TERM
exec 9</proc/self/ns/net
unshare --net --mount --propagation private --pid --fork --kill-child=SIGKILL -- \
  setpriv --bounding-set="$drop_caps" --inh-caps="$drop_caps" -- \
  sh "$dir/scripts/switch-inside.sh" "$mark" "$dir" &
exec >/dev/null 3<&- 9<&-
cd /
wait
remove_cgroups() {
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [ ! -d "$hierarchy/$cgroup" ] || find "$hierarchy/$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || return 1
  done
}
if read -r link index <"$dir/link" && [ "$(cat "/sys/class/net/$link/ifindex")" = "$index" ]; then
  ip link del "$link"
fi
tries=0
until remove_cgroups || [ $tries = 100 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
if [ ! -e "$dir/kept" ]; then
  rm -rf -- "$dir"
  rmdir -- "$(dirname "$dir")" 2>/dev/null
fi
`;

/** What {@link kubernetesSwitchScript} becomes inside the namespaces: the lab's PID 1. */
export const kubernetesSwitchInsideScript = String.raw`
set -eu
dir=$2
. "$dir/settings.sh"
umask 022
mount -t proc proc /proc

# The name of the machine's end of the line holds the lab's first subnet: the kernel sees to it that no two labs share one.
taken=1
for number in $subnets; do
  if nsenter --net=/proc/self/fd/9 ip link add "etcdperf$number" type veth peer name up0 netns /proc/1/ns/net 2>"$dir/link.err"; then
    taken=0
    break
  fi
  grep -q 'File exists' "$dir/link.err" || break
done
if [ "$taken" = 1 ]; then
  cat "$dir/link.err" >&2
  exit 1
fi
rm -f "$dir/link.err"
prefix() { echo "198.$((18 + $1 / 256)).$(($1 % 256))"; }
net=$(prefix "$number")
# The address says /20, so that other labs see what is taken; what is beyond the nodes' own /24 is behind the switch.
printf '%s\n' "addr add $net.1/20 dev etcdperf$number noprefixroute" "link set etcdperf$number up" \
  "route add $net.0/24 dev etcdperf$number src $net.1" "route add $net.0/20 via $net.2 dev etcdperf$number src $net.1" |
  nsenter --net=/proc/self/fd/9 ip -batch -
echo "etcdperf$number $(cat "/sys/class/net/etcdperf$number/ifindex")" >"$dir/link"
echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects
echo 0 >/proc/sys/net/ipv4/conf/default/send_redirects
echo 1 >/proc/sys/net/ipv4/ip_forward
printf '%s\n' 'link set lo up' 'link add br0 address 02:65:70:00:00:02 type bridge' 'link set br0 addrgenmode none' 'link set up0 addrgenmode none' \
  'link set up0 master br0 up' "addr add $net.2/24 dev br0" 'link set br0 up' "route add default via $net.1" | ip -batch -
# Cluster IPs are answered by the first node's kube-proxy, pods are behind their nodes.
index=1
while [ $index -le "$node_count" ]; do
  ip route add "$(prefix $((number + 7 + index))).0/24" via "$net.$((10 + index))"
  index=$((index + 1))
done
ip route add "$(prefix $((number + 4))).0/22" via "$net.11"
exec 9<&-

# A cgroup in every hierarchy of the first version; a new cpuset is empty until it is told otherwise.
for hierarchy in /sys/fs/cgroup/*/; do
  grep -q " $(echo "$hierarchy" | sed 's,/$,,') .* - cgroup " /proc/self/mountinfo || continue
  for path in "$cgroup" $(seq -f "$cgroup/node%.0f" "$node_count"); do
    mkdir "$hierarchy$path"
    [ ! -e "$hierarchy$path/cpuset.mems" ] || for file in cpuset.cpus cpuset.mems; do
      cat "$(dirname "$hierarchy$path")/$file" >"$hierarchy$path/$file"
    done
  done
done

# In memory, and gone with the lab: the control plane's etcd, and the volumes that claims get.
mkdir -p "$dir/control/etcd" "$dir/volumes" "$dir/hosts"
mount -t tmpfs -o mode=700 etcdperf-etcd "$dir/control/etcd"
mount -t tmpfs -o "mode=755,size=$disk_bytes" etcdperf-volumes "$dir/volumes"
mkdir "$dir/volumes/hostpath_pv"

( if read -r word <&3 && [ "$word" = keep ]; then : >"$dir/kept"; exec sleep infinity; fi ) </dev/null >/dev/null &
guard=$!
echo "ready $number"
exec >/dev/null 3<&-
wait $guard
`;
