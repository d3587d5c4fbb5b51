import type { InventoryHost, JumpHost } from './inventory.ts';
import { parseHop } from './parse-hop.ts';
import type { Reading } from './reading.ts';
import type { ResolvedGroups } from './resolve-groups.ts';
import type { HostEntry } from './resolve-hosts.ts';
import { mergeSettings, type Settings } from './resolve-settings.ts';

interface Draft {
  readonly entry: HostEntry;
  readonly groups: readonly string[];
  readonly settings: Settings;
}

/** Defaults, then groups in the file's order, then the host's own settings: the later one wins. */
export function finishHosts(
  entries: readonly HostEntry[],
  { groups, settings }: ResolvedGroups,
  defaults: Settings,
  reading: Reading,
): InventoryHost[] {
  const groupsOf = new Map<string, string[]>(entries.map(({ name }) => [name, []]));
  for (const [group, members] of groups) for (const name of members) groupsOf.get(name)?.push(group);
  const drafts = entries.map((entry): Draft => {
    const own = groupsOf.get(entry.name)!;
    const layers = [defaults, ...own.map((name) => settings.get(name)!), entry.settings];
    return { entry, groups: own, settings: mergeSettings(layers) };
  });
  checkAddresses(drafts, reading);
  const hops = new Map(drafts.map((draft) => [draft.entry.name, hopTo(draft)]));
  const refused = new Set<string>();
  return drafts.map((draft) => finishHost(draft, hops, refused, reading));
}

function finishHost(
  { entry, groups, settings: { jump, jumpAt, become, ...settings } }: Draft,
  hops: ReadonlyMap<string, JumpHost>,
  refused: Set<string>,
  reading: Reading,
): InventoryHost {
  const way = wayTo(entry.name, jump ?? []);
  const jumpHosts = way.flatMap((written) => {
    const hop = hops.get(written) ?? parseHop(written);
    if (hop !== undefined) return [hop];
    // Once for the place where it is written, however many hosts share it.
    const problem = `${jumpAt?.join('.')} ${written}`;
    if (!refused.has(problem)) {
      const hint = written.includes('@') ? 'a password never stands in the inventory' : undefined;
      reading.problem(jumpAt ?? [], `'${written}' is not a host or [user@]address[:port]`, { hint });
    }
    refused.add(problem);
    return [];
  });
  return {
    name: entry.name,
    address: entry.address,
    ...settings,
    become: become ?? 'none',
    groups,
    ...(way.length === 0 ? {} : { jump: way, jumpHosts }),
  };
}

/** A jump host that has the way through itself (from the defaults, say) goes by the hops before it. */
function wayTo(name: string, jump: readonly string[]): readonly string[] {
  const self = jump.indexOf(name);
  return self < 0 ? jump : jump.slice(0, self);
}

function hopTo({ entry, settings: { jump: _jump, jumpAt: _at, become: _become, ...settings } }: Draft): JumpHost {
  return { name: entry.name, address: entry.address, ...settings };
}

/** Two names for one destination are a mistake; the same private address behind two jump hosts isn't. */
function checkAddresses(drafts: readonly Draft[], reading: Reading): void {
  const first = new Map<string, string>();
  for (const { entry, settings } of drafts) {
    const socket = `${entry.address} port ${settings.port ?? 22}`;
    const destination = [socket, ...wayTo(entry.name, settings.jump ?? [])].join(' through ');
    const other = first.get(destination);
    if (other === undefined) {
      first.set(destination, entry.name);
    } else {
      const { at, part } = entry;
      reading.problem(at, `host '${entry.name}' has the same address as '${other}': ${socket}`, { part });
    }
  }
}
