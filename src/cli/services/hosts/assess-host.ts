import type { Inventory, InventoryHost } from '@etcdperf/core/config';
import { MINIMUM_NODE } from '@etcdperf/core/runtime';
import { type HostFacts, NEEDED_TOOLS } from './host-facts.ts';
import { etcdVersions, needsRuntime } from './runtime-steps.ts';

/** Room for node, etcd and a little data. */
const MIN_FREE_BYTES = 300 * 2 ** 20;

/** What is in a host's way (`problems`), and what hosts:init would bring (`missing`), for the roles that it has. */
export function assessHost(
  facts: HostFacts,
  inventory: Inventory,
  host: InventoryHost,
): { problems: string[]; missing: string[] } {
  const problems: string[] = [];
  const missing: string[] = [];
  const { limits, clock, workDir } = inventory;
  const tools = NEEDED_TOOLS.filter((tool) => !facts.tools.includes(tool));
  if (tools.length > 0) problems.push(`without ${tools.join(', ')}`);
  const runtime = needsRuntime(inventory, host);
  const wanted = etcdVersions(inventory, host).filter((version) => !facts.etcd.includes(version));
  const brings = (runtime && !isNew(facts.node)) || wanted.length > 0;
  if (brings && facts.diskFreeBytes < MIN_FREE_BYTES) {
    problems.push(`${Math.floor(facts.diskFreeBytes / 2 ** 20)} MiB free for ${workDir}`);
  }
  if (!facts.root) {
    const hint = facts.sudo ? 'set become: sudo' : 'and has no sudo';
    (facts.prepared ? missing : problems).push(`${facts.user} is not root, ${hint}`);
  }
  const timeTool = ['chronyd', 'ntpdate', 'sntp'].some((tool) => facts.tools.includes(tool));
  if (clock.source === 'chrony' && !timeTool) missing.push('chrony (hosts:init --install)');
  if (facts.limits.nofile < limits.nofile) missing.push(`nofile ${facts.limits.nofile} of ${limits.nofile}`);
  if (runtime && !isNew(facts.node)) missing.push(facts.node ? `node ${MINIMUM_NODE} (has ${facts.node})` : 'node');
  if (wanted.length > 0) missing.push(`etcd ${wanted.join(', ')}`);
  if (!facts.prepared) missing.push('hosts:init');
  return { problems, missing };
}

/** Versions as text: `v9` before `v22`. */
function isNew(version: string | undefined): boolean {
  return version !== undefined && version.slice(1).localeCompare(MINIMUM_NODE, 'en', { numeric: true }) >= 0;
}
