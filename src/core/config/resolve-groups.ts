import { didYouMean } from '../errors/index.ts';
import { expandAt } from './expand-at.ts';
import type { InventoryFile } from './inventory-schema.ts';
import { isKnownHost } from './known-host.ts';
import type { Reading } from './reading.ts';
import { resolveSettings, type Settings } from './resolve-settings.ts';
import type { KeyPath } from './yaml-source.ts';

export interface ResolvedGroups {
  /** Group → its hosts, groups of groups flattened, in the file's order, each once. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly settings: ReadonlyMap<string, Settings>;
}

/** What names in a list may refer to. */
export interface KnownNames {
  readonly hosts: ReadonlySet<string>;
  /** Group → hosts of imported files, which groups of the same name add to. */
  readonly imported: ReadonlyMap<string, readonly string[]>;
  /** False where some had to be left out: a name that nobody knows may then be fine. */
  readonly allHosts: boolean;
  readonly allGroups: boolean;
}

const GROUP_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

export function resolveGroups(file: InventoryFile['groups'], known: KnownNames, reading: Reading): ResolvedGroups {
  const written = new Map(Object.entries(file ?? {}).map(([name, group]) => [name, writtenGroup(name, group)]));
  const names = new Set([...known.imported.keys(), ...written.keys()]);
  const done = new Map<string, readonly string[]>();

  /** @param way the groups that led here, this one last */
  const membersOf = (way: readonly string[]): readonly string[] => {
    const name = way.at(-1)!;
    const already = done.get(name);
    if (already !== undefined) return already;
    const patterns = written.get(name)?.patterns ?? [];
    const own = patterns.flatMap(({ pattern, at }) =>
      expandAt(pattern, at, reading).flatMap((item) => {
        if (item.startsWith('@')) return membersOfGroup(item.slice(1), at, way);
        return isKnownHost(item, at, known, names, reading) ? [item] : [];
      }),
    );
    const members = [...new Set([...(known.imported.get(name) ?? []), ...own])];
    done.set(name, members);
    return members;
  };
  const membersOfGroup = (name: string, at: KeyPath, way: readonly string[]): readonly string[] => {
    if (!names.has(name)) {
      const hint = didYouMean(name, names);
      if (known.allGroups) reading.problem(at, `no group '${name}'`, { hint });
    } else if (way.includes(name)) {
      reading.problem(at, `the groups go in a circle: ${[...way, name].join(' → ')}`);
    } else {
      return membersOf([...way, name]);
    }
    return [];
  };

  const groups = new Map<string, readonly string[]>();
  const settings = new Map<string, Settings>();
  for (const name of names) {
    const at: KeyPath = written.has(name) ? ['groups', name] : ['import', name];
    const before = reading.problems.length;
    const members = membersOf([name]);
    const judged = known.allHosts && known.allGroups && reading.problems.length === before;
    if (members.length === 0 && judged && !known.imported.has(name)) {
      reading.problem(at, 'the group is empty', { part: 'key', hint: 'list hosts in it, or remove it' });
    }
    checkGroupName(name, at, known.hosts, reading);
    groups.set(name, members);
    settings.set(name, resolveSettings(written.get(name)?.settings ?? {}, at, reading));
  }
  return { groups, settings };
}

function checkGroupName(name: string, at: KeyPath, hosts: ReadonlySet<string>, reading: Reading): void {
  if (!GROUP_NAME.test(name) || name === 'all') {
    const hint = name === 'all' ? "'all' already means every host" : 'letters, digits, - and _, a letter first';
    reading.problem(at, `'${name}' can't be a group's name`, { part: 'key', hint });
  } else if (hosts.has(name)) {
    reading.problem(at, `'${name}' is also the name of a host`, { part: 'key' });
  }
}

type WrittenGroup = {
  readonly patterns: readonly { readonly pattern: string; readonly at: KeyPath }[];
  readonly settings: Parameters<typeof resolveSettings>[0];
};

function writtenGroup(name: string, group: NonNullable<InventoryFile['groups']>[string]): WrittenGroup {
  const path = ['groups', name];
  if (group === null) return { patterns: [], settings: {} };
  if (typeof group === 'string' || Array.isArray(group))
    return { patterns: writtenPatterns(group, path), settings: {} };
  const { hosts, ...settings } = group;
  return { patterns: writtenPatterns(hosts ?? [], [...path, 'hosts']), settings };
}

/** A pattern or a list of patterns, each with its place. */
function writtenPatterns(patterns: string | readonly string[], at: KeyPath): WrittenGroup['patterns'] {
  return typeof patterns === 'string'
    ? [{ pattern: patterns, at }]
    : patterns.map((pattern, i) => ({ pattern, at: [...at, i] }));
}
