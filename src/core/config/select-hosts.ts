import { InputError, type InputProblem } from '../errors/index.ts';
import { expandHostRange, HostRangeError, splitHostList } from './host-range.ts';
import type { Inventory, InventoryHost } from './inventory.ts';
import { didYouMean } from './nearest-name.ts';

/**
 * The hosts that a command works on, in the inventory's order.
 *
 * `limit` is a comma list of host names, groups (`etcd` or `@etcd`), globs (`node*`), ranges (`node[1-3]`) and `all`;
 * `!` in front takes away, whatever the order: `etcd,!node3`. With only exclusions, they are taken from all.
 * `group` narrows further to one group. Throws InputError for what matches nothing.
 */
export function selectHosts(
  inventory: Pick<Inventory, 'hosts' | 'groups'>,
  options: { readonly limit?: string | undefined; readonly group?: string | undefined } = {},
): InventoryHost[] {
  const { hosts, groups } = inventory;
  const names = hosts.map((host) => host.name);
  const problems: InputProblem[] = [];

  const matching = (pattern: string): readonly string[] => {
    const group = groups.get(pattern.replace(/^@/, ''));
    if (group !== undefined) return group;
    if (pattern === 'all') return names;
    const found = expand(pattern).map((one) => ({ one, names: names.filter((name) => matches(name, one)) }));
    for (const { one, names } of found) {
      if (names.length === 0) problems.push(unknown(one));
    }
    return found.flatMap((match) => match.names);
  };
  const expand = (pattern: string): string[] => {
    // In a glob, brackets could also mean letters; only [numbers] are a range.
    try {
      return expandHostRange(pattern);
    } catch (error) {
      if (!(error instanceof HostRangeError)) throw error;
      problems.push({ where: '--limit', message: error.message });
      return [];
    }
  };
  const unknown = (pattern: string): InputProblem => ({
    where: '--limit',
    message: /[*?]/.test(pattern)
      ? `no host matches '${pattern}'`
      : pattern.startsWith('@')
        ? `no group '${pattern.slice(1)}'`
        : `no host or group '${pattern}'`,
    hint: didYouMean(pattern.replace(/^@/, ''), pattern.startsWith('@') ? groups.keys() : [...names, ...groups.keys()]),
  });

  const patterns = splitHostList(options.limit ?? 'all');
  const included = patterns.filter((pattern) => !pattern.startsWith('!'));
  const excluded = new Set(patterns.filter((p) => p.startsWith('!')).flatMap((p) => matching(p.slice(1).trim())));
  const chosen = new Set((included.length === 0 ? ['all'] : included).flatMap(matching));
  const ofGroup = options.group === undefined ? undefined : groups.get(options.group);
  if (options.group !== undefined && ofGroup === undefined) {
    problems.push({
      message: `the inventory has no group '${options.group}'`,
      hint: didYouMean(options.group, groups.keys()),
    });
  }
  const selected = hosts.filter(
    ({ name }) => chosen.has(name) && !excluded.has(name) && (ofGroup === undefined || ofGroup.includes(name)),
  );
  if (problems.length > 0) throw new InputError('no such hosts', { problems });
  if (selected.length === 0) {
    const within = options.group === undefined ? '' : ` in the group '${options.group}'`;
    const by = options.limit === undefined ? '' : ` by --limit '${options.limit}'`;
    throw new InputError(`no host is chosen${by}${within}`, {
      hint: `the hosts${within}: ${sample(ofGroup ?? names)}`,
    });
  }
  return selected;
}

function matches(name: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return name === pattern;
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(name);
}

function sample(names: readonly string[]): string {
  return names.length <= 8
    ? names.join(', ') || 'none'
    : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
}
