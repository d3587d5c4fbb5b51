import { loadInventory, selectHosts } from '@etcdperf/core/config';
import type { Lab, LabHost, LabHostStatus } from '@etcdperf/core/lab';

/** What became of one host. */
export type HostChange =
  | { readonly host: string; readonly kind: 'done'; readonly now: LabHostStatus['state']; readonly skewMs: number }
  | { readonly host: string; readonly kind: 'failed'; readonly error: string };

/**
 * The lab's hosts that the patterns name (as `--limit` does), in order. Where there is no pattern: all hosts that are
 * in the state `otherwise`. Throws InputError for what names no host.
 */
export async function selectLabHosts(
  lab: Lab,
  patterns: readonly string[],
  otherwise?: LabHostStatus['state'],
): Promise<readonly LabHost[]> {
  const { hosts, kubernetes } = await lab.status();
  if (patterns.length === 0) {
    return hosts.filter((host) => host.state === otherwise).map((host) => lab.host(host.name));
  }
  // Nodes of a Kubernetes are no hosts of an inventory: nobody logs in there.
  const inventory = kubernetes === undefined ? await loadInventory(lab.inventoryPath) : { hosts, groups: new Map() };
  return selectHosts<{ readonly name: string }>(inventory, { limit: patterns.join(',') }).map((host) =>
    lab.host(host.name),
  );
}

/** Does the same to several hosts at once. One that fails doesn't stop the others: each has a result. */
export async function changeHosts(
  lab: Lab,
  hosts: readonly LabHost[],
  change: (host: LabHost) => Promise<void>,
): Promise<HostChange[]> {
  const settled = await Promise.allSettled(hosts.map(change));
  const { hosts: now } = await lab.status();
  return hosts.map(({ name }, index) => {
    const outcome = settled[index];
    if (outcome?.status === 'rejected') return { host: name, kind: 'failed', error: String(outcome.reason?.message) };
    const status = now.find((host) => host.name === name);
    return { host: name, kind: 'done', now: status?.state ?? 'off', skewMs: status?.skewMs ?? 0 };
  });
}
