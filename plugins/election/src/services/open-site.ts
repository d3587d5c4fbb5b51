import { hostname } from 'node:os';
import { type Inventory, type InventoryHost, selectHosts, stateDir } from '@etcdperf/core/config';
import { InputError } from '@etcdperf/core/errors';
import { type ClusterAccess, type ClusterQuestion, findClusterAccess } from '@etcdperf/core/etcd';
import { connectHosts, LocalExecutor, terminalPrompt } from '@etcdperf/core/ssh';
import type { ElectionHost, Site } from './site.ts';

/** Which cluster and hosts a user means. */
export interface SiteQuestion extends ClusterQuestion {
  readonly limit?: string | undefined;
  readonly forks?: number | undefined;
  readonly acceptNew?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A site whose hosts' connections are closed when it is disposed of. */
export interface OpenSite extends Site, AsyncDisposable {}

/** Whether a command can't do without the hosts of a group, takes them where there are some, or leaves them alone. */
export interface GroupNeeds {
  readonly masters: 'needed' | 'if any' | 'none';
  readonly agents: 'needed' | 'if any' | 'none';
}

/**
 * The cluster and the hosts that an election works on. Without an inventory everything runs on this machine. Nothing is
 * connected yet. Throws InputError for what does not exist.
 */
export async function openSite(question: SiteQuestion, needs: GroupNeeds): Promise<OpenSite> {
  const access = await findClusterAccess(question);
  if (access === undefined) {
    throw new InputError('there is no cluster to hold an election on', {
      where: '--endpoints',
      hint: 'name one with --endpoints, describe one in an inventory (--inventory), or start one: etcdperf harness:deploy',
    });
  }
  return { access, ...openHosts(question, needs) };
}

/** The same for commands that also work without a cluster: `access` is undefined where none is named. */
export async function openSiteIfAny(
  question: SiteQuestion,
  needs: GroupNeeds,
): Promise<Omit<OpenSite, 'access'> & { readonly access: ClusterAccess | undefined }> {
  return { access: await findClusterAccess(question), ...openHosts(question, needs) };
}

function openHosts(question: SiteQuestion, needs: GroupNeeds) {
  const { inventory, limit, forks, acceptNew, signal } = question;
  if (inventory === undefined) {
    if (limit !== undefined) throw new InputError('there is no inventory to limit', { where: '--limit' });
    const here: ElectionHost = { name: localName(), executor: new LocalExecutor(localName()), workDir: stateDir() };
    const hosts = (need: GroupNeeds[keyof GroupNeeds]) => (need === 'none' ? [] : [here]);
    return {
      masters: hosts(needs.masters),
      agents: hosts(needs.agents),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  const masters = groupHosts(inventory, 'masters', needs.masters, limit);
  const agents = groupHosts(inventory, 'agents', needs.agents, limit);
  const chosen = [...new Set([...masters, ...agents])];
  const connections = connectHosts(chosen, { signal, forks, acceptNew, prompt: terminalPrompt() });
  const byName = new Map(
    chosen.map((host): [string, ElectionHost] => [
      host.name,
      { name: host.name, executor: connections.executor(host.name), workDir: inventory.workDir },
    ]),
  );
  const open = (hosts: readonly InventoryHost[]) => hosts.map((host) => byName.get(host.name)!);
  return {
    masters: open(masters),
    agents: open(agents),
    [Symbol.asyncDispose]: () => connections.close(),
  };
}

function groupHosts(
  inventory: Inventory,
  group: keyof GroupNeeds,
  need: GroupNeeds[keyof GroupNeeds],
  limit: string | undefined,
): InventoryHost[] {
  if (need === 'none') return [];
  if (need === 'needed') return selectHosts(inventory, { group, limit });
  const ofGroup = inventory.groups.get(group) ?? [];
  return selectHosts(inventory, { limit }).filter((host) => ofGroup.includes(host.name));
}

/** This machine's name as identities can have it. */
function localName(): string {
  return hostname().split('.')[0] || 'localhost';
}
