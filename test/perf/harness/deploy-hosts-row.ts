import { dirname, join } from 'node:path';
import { resolveEtcdBinary } from '@etcdperf/core/etcd';
import { createLab, type Lab } from '@etcdperf/core/lab';
import type { MeasureRow } from './main.ts';
import { bash, etcdperf, inPairs, median } from './measure.ts';

const MAX_RATIO = 1.2;

/**
 * All that is typed by hand: the same processes, at the same time, each over its own ssh, then etcdctl until it says that
 * all are healthy. $1 ssh_config, $2 etcdctl, $3 endpoints, then for each host its name and its command line.
 */
const BY_HAND = `
config=$1 etcdctl=$2 endpoints=$3; shift 3
while [ $# -gt 1 ]; do
  ssh -F "$config" -o BatchMode=yes "$1" "mkdir -p /var/lib/by-hand && cd /var/lib/by-hand && { setsid $2 >log 2>&1 </dev/null & }" &
  shift 2
done
wait
until "$etcdctl" --endpoints="$endpoints" --command-timeout=1s endpoint health >/dev/null 2>&1; do sleep 0.1; done
`;
const END_BY_HAND = `
config=$1; shift
for host in "$@"; do
  ssh -F "$config" -o BatchMode=yes "$host" 'kill -KILL $(pgrep -f -- --data-dir=/var/lib/by-hand); rm -rf /var/lib/by-hand' &
done
wait
`;

/** harness:deploy of three members on lab hosts beside the same etcd processes started by hand. */
export const measureRow: MeasureRow = async ({ runs, signal }) => {
  process.stderr.write('making 3 hosts\n');
  await using lab = await createLab({ hosts: 3 }, signal);
  const inventory = ['-i', lab.inventoryPath];
  const deploy = () => etcdperf('harness:deploy', ...inventory);
  const remove = () => etcdperf('harness:delete', '--yes', ...inventory);
  // Once for nothing: etcd is brought to the hosts, and file caches are filled.
  await deploy();
  const commands = await commandLines(lab);
  await remove();
  const etcd = await resolveEtcdBinary({ version: '3.6.16' });
  const endpoints = lab.hosts.map(({ address }) => `http://${address}:2379`).join(',');
  const theirs = async () => {
    const argv = [lab.sshConfigPath, join(dirname(etcd.path), 'etcdctl'), endpoints];
    const took = await bash(BY_HAND, ...argv, ...lab.hosts.flatMap(({ name }) => [name, commands.get(name)!]));
    await bash(END_BY_HAND, lab.sshConfigPath, ...lab.hosts.map(({ name }) => name));
    return took;
  };
  const ours = async () => {
    const took = await deploy();
    await remove();
    return took;
  };
  const pairs = await inPairs(runs, ours, theirs, signal);
  const ratio = median(pairs.map((pair) => pair.ours / pair.theirs));
  const of = (side: 'ours' | 'theirs') => median(pairs.map((pair) => pair[side])).toFixed(2);
  console.log(`3 members on lab hosts until healthy, ${runs} pairs, medians`);
  console.log(`harness:deploy ${of('ours')} s, ssh and etcd by hand ${of('theirs')} s`);
  // When etcd elects its leader is chance, and most of the time: few pairs tell little.
  console.log(`medians, ours/theirs: ${(Number(of('ours')) / Number(of('theirs'))).toFixed(2)}`);
  console.log(`pair by pair, ours/theirs: ${ratio.toFixed(2)} (at most ${MAX_RATIO})`);
  return ratio <= MAX_RATIO;
};

/** What harness:deploy has started, host by host, with another data directory. */
async function commandLines(lab: Lab): Promise<Map<string, string>> {
  const lines = lab.hosts.map(async (host): Promise<[string, string]> => {
    const look = 'tr "\\\\0" " " </proc/$(pgrep -x "etcd-[0-9.]*")/cmdline';
    const { stdout } = await host.exec(['sh', '-c', look]);
    return [host.name, stdout.trim().replace(/--data-dir=\S+/, '--data-dir=/var/lib/by-hand/data')];
  });
  return new Map(await Promise.all(lines));
}
