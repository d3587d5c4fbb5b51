import { expandAt } from './expand-at.ts';
import type { InventoryFile } from './inventory-schema.ts';
import { isKnownHost } from './known-host.ts';
import { didYouMean } from './nearest-name.ts';
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
  /** False where hosts had to be left out: a name that nobody knows may then be fine. */
  readonly complete: boolean;
}

const GROUP_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

export function resolveGroups(file: InventoryFile['groups'], known: KnownNames, reading: Reading): ResolvedGroups {
  const written = new Map(Object.entries(file ?? {}).map(([name, group]) => [name, writtenGroup(name, group)]));
  const names = new Set([...known.imported.keys(), ...written.keys()]);
  const done = new Map<string, readonly string[]>();

  const membersOf = (name: string, parents: readonly string[]): readonly string[] => {
    const already = done.get(name);
    if (already !== undefined) return already;
    const members = new Set(known.imported.get(name));
    for (const { pattern, at } of written.get(name)?.patterns ?? []) {
      for (const item of expandAt(pattern, at, reading)) {
        if (!item.startsWith('@')) {
          if (isKnownHost(item, at, known, names, reading)) members.add(item);
        } else if (!names.has(item.slice(1))) {
          reading.problem(at, `no group '${item.slice(1)}'`, {
            hint: didYouMean(
              item,
              [...names].map((n) => `@${n}`),
            ),
          });
        } else if ([...parents, name].includes(item.slice(1))) {
          reading.problem(at, `the groups go in a circle: ${[...parents, name, item.slice(1)].join(' → ')}`);
        } else {
          for (const member of membersOf(item.slice(1), [...parents, name])) members.add(member);
        }
      }
    }
    done.set(name, [...members]);
    return [...members];
  };

  const settings = new Map<string, Settings>();
  for (const name of names) {
    const at: KeyPath = written.has(name) ? ['groups', name] : ['import', name];
    const before = reading.problems.length;
    const members = membersOf(name, []);
    if (!GROUP_NAME.test(name) || name === 'all') {
      const hint = name === 'all' ? "'all' already means every host" : 'letters, digits, - and _, a letter first';
      reading.problem(at, `'${name}' can't be a group's name`, { part: 'key', hint });
    } else if (known.hosts.has(name)) {
      reading.problem(at, `'${name}' is also the name of a host`, { part: 'key' });
    }
    if (members.length === 0 && known.complete && reading.problems.length === before && !known.imported.has(name)) {
      reading.problem(at, 'the group is empty', { part: 'key', hint: 'list hosts in it, or remove it' });
    }
    settings.set(name, resolveSettings(written.get(name)?.settings ?? {}, at, reading));
  }
  return { groups: new Map([...names].map((name) => [name, done.get(name) ?? []])), settings };
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
export function writtenPatterns(patterns: string | readonly string[], at: KeyPath): WrittenGroup['patterns'] {
  return typeof patterns === 'string'
    ? [{ pattern: patterns, at }]
    : patterns.map((pattern, i) => ({ pattern, at: [...at, i] }));
}
