import { didYouMean, InputError, type InputProblem } from '../errors/index.ts';
import { splitHostList } from './host-range.ts';
import type { Inventory, InventoryHost } from './inventory.ts';
import { matchHosts } from './match-hosts.ts';

/**
 * The hosts that a command works on, in the inventory's order.
 *
 * `limit` is a comma list of host names, groups (`etcd` or `@etcd`), globs (`node*`), ranges (`node[1-3]`) and `all`;
 * `!` in front takes away, whatever the order: `etcd,!node3`. With only exclusions, they are taken from all.
 * `group` narrows further to one group. Throws InputError for what matches nothing, and where nothing is left.
 */
export function selectHosts<Host extends Pick<InventoryHost, 'name'> = InventoryHost>(
  inventory: { readonly hosts: readonly Host[]; readonly groups: Inventory['groups'] },
  options: { readonly limit?: string | undefined; readonly group?: string | undefined } = {},
): Host[] {
  const { hosts, groups } = inventory;
  const problems: InputProblem[] = [];
  const known = { names: new Set(hosts.map(({ name }) => name)), groups };
  const matching = (pattern: string): readonly string[] => {
    const matched = matchHosts(pattern, known);
    problems.push(...matched.problems);
    return matched.names;
  };

  const patterns = splitHostList(options.limit ?? 'all');
  // An empty shell variable must not turn into 'all hosts'.
  if (patterns.length === 0) throw new InputError('--limit names no host', { hint: '--limit all is every host' });
  const [excluding, including] = partition(patterns, (pattern) => pattern.startsWith('!'));
  const excluded = new Set(excluding.flatMap((pattern) => matching(pattern.slice(1).trim())));
  const included = new Set((including.length === 0 ? ['all'] : including).flatMap(matching));
  const ofGroup = options.group === undefined ? known.names : new Set(groups.get(options.group));
  if (options.group !== undefined && !groups.has(options.group)) {
    const hint = didYouMean(options.group, groups.keys());
    problems.push({ message: `the inventory has no group '${options.group}'`, hint });
  }
  if (problems.length > 0) throw new InputError('no such hosts', { problems });

  const selected = hosts.filter(({ name }) => included.has(name) && !excluded.has(name) && ofGroup.has(name));
  if (selected.length > 0) return selected;
  const within = options.group === undefined ? '' : ` in the group '${options.group}'`;
  const by = options.limit === undefined ? '' : ` by --limit '${options.limit}'`;
  throw new InputError(`no host is chosen${by}${within}`, { hint: `the hosts${within}: ${sample([...ofGroup])}` });
}

function partition<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function sample(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
}
