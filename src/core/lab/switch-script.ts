/**
 * The lab's own root process, in POSIX sh: `sh switch.sh MARK <lab directory>`, started with a pipe as fd 3.
 *
 * It makes one set of namespaces for the whole lab (network with the bridge, mounts with every host's disk, processes
 * with all hosts beneath). When it ends, the kernel ends all of that: nothing has to be remembered to be cleaned up.
 * It ends when fd 3 closes before the word `keep` came through it, so a maker that dies leaves no lab behind.
 *
 * Settings are read from `<lab directory>/settings.sh`. Says `ready <subnet number>` on stdout, then closes it.
 */
export const switchScript = String.raw`
set -eu
mark=$1 dir=$2
. "$dir/settings.sh"
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
exec 9</proc/self/ns/net
exec unshare --net --mount --propagation slave --pid --fork --kill-child=SIGKILL -- \
  setpriv --bounding-set="$drop_caps" --inh-caps="$drop_caps" -- \
  sh "$dir/scripts/switch-inside.sh" "$mark" "$dir"
`;

/** What {@link switchScript} becomes inside the namespaces: the lab's PID 1. */
export const switchInsideScript = String.raw`
set -eu
dir=$2
. "$dir/settings.sh"
umask 022
mount -t proc proc /proc

# The machine's end of the line to the lab. Its name holds the subnet's number, so the kernel sees to it that no two
# labs share a subnet.
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
net=198.$((18 + number / 256)).$((number % 256))
printf 'addr add %s.1/24 dev etcdperf%s\nlink set etcdperf%s up\n' "$net" "$number" "$number" |
  nsenter --net=/proc/self/fd/9 ip -batch -
echo "etcdperf$number $(cat "/sys/class/net/etcdperf$number/ifindex")" >"$dir/link"
# The bridge has an address of its own: else it takes one of its ports', and another when that host goes, and the time
# server would be lost to the others for a minute.
printf '%s\n' 'link set lo up' 'link add br0 address 02:65:70:00:00:02 type bridge' 'link set br0 addrgenmode none' 'link set up0 addrgenmode none' \
  'link set up0 master br0 up' "addr add $net.2/24 dev br0" 'link set br0 up' | ip -batch -
exec 9<&-

# What all hosts share: this machine's programs, without anything that is this machine's own.
mkdir -p "$dir/base" "$dir/hosts"
mount -t tmpfs -o mode=755,size=128m etcdperf-base "$dir/base"
cd "$dir/base"
mkdir layer work root
hide() { for entry in "$@"; do mknod "layer$entry" c 0 0; done; }
for entry in /* /.[!.]*; do
  [ -e "$entry" ] || continue
  case $entry in
    /bin | /lib | /lib32 | /lib64 | /libx32 | /opt | /sbin | /usr | /var | /nix) ;;
    *) hide "$entry" ;;
  esac
done
mkdir -p layer/var/lib
for entry in /var/* /var/lib/*; do
  case $entry in
    /var/lib | /var/lock | /var/run | /var/lib/apt | /var/lib/dpkg | /var/lib/pam | /var/lib/ucf | '/var/*' | '/var/lib/*') ;;
    *) hide "$entry" ;;
  esac
done
mount -t overlay etcdperf-root -o "lowerdir=/,upperdir=$dir/base/layer,workdir=$dir/base/work" root
cd root
mkdir -m 755 boot dev etc home media mnt proc run srv sys var/cache var/log var/mail var/opt var/spool var/lib/misc var/lib/chrony .old
mkdir -m 700 root root/.ssh
mkdir -m 1777 tmp var/tmp
keep=
for entry in $etc_entries; do [ ! -e "/etc/$entry" ] || keep="$keep /etc/$entry"; done
cp -a $keep etc/
rm -rf etc/ssl/private
mkdir -p -m 755 etc/ssh etc/chrony etc/chrony/conf.d etc/security/limits.d etc/sysctl.d etc/sudoers.d etc/ssl/private
rm -f etc/security/limits.d/* etc/sysctl.d/*
awk -F: '$3 < 1000 || $3 == 65534' /etc/passwd >etc/passwd
awk -F: '$3 < 1000 || $3 == 65534' /etc/group >etc/group
awk -F: '{ print $1 ":*:19000:0:99999:7:::" }' etc/passwd >etc/shadow
chmod 600 etc/shadow
sed "s/@NET@/$net/" "$dir/etc/hosts" >etc/hosts
cp "$dir/etc/sshd_config" etc/ssh/sshd_config
cp "$dir/etc/sudoers" etc/sudoers
chmod 440 etc/sudoers
: >etc/resolv.conf
printf '%s' "$environment" >etc/environment
cp "$dir/etc/authorized_keys" root/.ssh/authorized_keys
chmod 600 root/.ssh/authorized_keys
[ ! -e /etc/skel/.bashrc ] || cp /etc/skel/.bashrc /etc/skel/.profile root/
if [ -x usr/sbin/chronyd ]; then
  mv usr/sbin/chronyd usr/sbin/chronyd.real
  printf '#!/bin/sh\nexec /usr/sbin/chronyd.real -x "$@"\n' >usr/sbin/chronyd
  chmod 755 usr/sbin/chronyd
  chown "$(awk -F: '/^_?chrony:/ { print $3 ":" $4; exit }' etc/passwd | grep . || echo 0:0)" var/lib/chrony
fi
mkdir -p usr/local/lib/etcdperf-lab
cp "$dir/etc/init.sh" "$dir/etc/start-sshd.sh" usr/local/lib/etcdperf-lab/
uid=1000
for user in $users; do
  echo "$user:x:$uid:$uid::/home/$user:/bin/bash" >>etc/passwd
  echo "$user:*:19000:0:99999:7:::" >>etc/shadow
  echo "$user:x:$uid:" >>etc/group
  mkdir -p "home/$user/.ssh"
  cp "$dir/etc/authorized_keys" "home/$user/.ssh/authorized_keys"
  chmod -R go= "home/$user"
  chown -R "$uid:$uid" "home/$user"
  uid=$((uid + 1))
done
if [ -s "$dir/etc/passwords" ]; then chroot . chpasswd -c SHA512 <"$dir/etc/passwords"; fi
rm -rf "$dir/etc"
cd "$dir"
umount base/root

if command -v chronyd >/dev/null; then
  printf '%s\n' 'local stratum 8' "allow $net.0/24" "bindaddress $net.2" 'cmdport 0' 'bindcmdaddress /' "pidfile $dir/clock.pid" >"$dir/clock.conf"
  chronyd -x -u root -f "$dir/clock.conf" || echo 'the time server did not start' >&2
fi

( if read -r word <&3 && [ "$word" = keep ]; then exec sleep infinity; fi ) </dev/null >/dev/null &
guard=$!
echo "ready $number"
exec >/dev/null 3<&-
wait $guard
`;
