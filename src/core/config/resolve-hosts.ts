import { displayPath } from './display-path.ts';
import { expandAt } from './expand-at.ts';
import type { InventoryFile } from './inventory-schema.ts';
import { nearestFile } from './nearest-file.ts';
import { groupOfConf, parseHostsConf } from './parse-hosts-conf.ts';
import type { Reading } from './reading.ts';
import { resolveSettings, type Settings } from './resolve-settings.ts';
import type { KeyPath } from './yaml-source.ts';

/** A host as its own entry describes it, before groups and defaults have their say. */
export interface HostEntry {
  readonly name: string;
  readonly address: string;
  readonly settings: Settings;
  /** Where its name is written: as a key of a map, or as a value. */
  readonly at: KeyPath;
  readonly part: 'key' | 'value';
}

export interface ResolvedHosts {
  readonly entries: readonly HostEntry[];
  /** Group → hosts, of imported files. */
  readonly imported: ReadonlyMap<string, readonly string[]>;
}

const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$/;

/** The hosts of `hosts` and of imported files: ranges expanded, each name there once. */
export function resolveHosts(file: InventoryFile, reading: Reading): ResolvedHosts {
  const entries: HostEntry[] = [];
  const byName = new Map<string, HostEntry>();

  const add = (entry: HostEntry): void => {
    const { at, part } = entry;
    if (!HOST_NAME.test(entry.name)) {
      const user = /^([^@]+)@/.exec(entry.name)?.[1];
      reading.problem(at, `'${entry.name}' can't be a host's name`, {
        part,
        hint: user === undefined ? undefined : `write the user apart: user: ${user}`,
      });
    } else if (byName.has(entry.name)) {
      reading.problem(at, `host '${entry.name}' is there twice`, { part });
    } else {
      entries.push(entry);
      byName.set(entry.name, entry);
    }
  };

  for (const written of writtenHosts(file.hosts)) {
    const names = expandAt(written.name, written.at, reading, written.part);
    const settings = resolveSettings(written.settings, written.path, reading);
    const addressAt = written.addressAt ?? written.at;
    const addresses = written.address === undefined ? names : expandAt(written.address, addressAt, reading);
    if (names.length === 0 || addresses.length === 0) continue;
    if (addresses.length !== names.length) {
      reading.problem(addressAt, `${names.length} names, and ${addresses.length} addresses: both need as many`);
      continue;
    }
    const { at, part } = written;
    for (const [i, name] of names.entries()) add({ name, address: addresses[i]!, settings, at, part });
  }

  const byAddress = new Map(entries.map((entry) => [entry.address, entry]));
  const imported = new Map<string, string[]>();
  for (const { group, conf, at } of writtenImports(file.import)) {
    const names = imported.get(group) ?? [];
    imported.set(group, names);
    for (const address of confAddresses(conf, at, reading)) {
      const known = byName.get(address) ?? byAddress.get(address);
      if (known === undefined) add({ name: address, address, settings: {}, at, part: 'value' });
      names.push(known?.name ?? address);
    }
  }
  return { entries, imported };
}

interface WrittenHost {
  readonly name: string;
  readonly at: KeyPath;
  readonly part: 'key' | 'value';
  readonly address?: string | undefined;
  readonly addressAt?: KeyPath;
  readonly settings: Parameters<typeof resolveSettings>[0];
  readonly path: KeyPath;
}

function writtenHosts(hosts: InventoryFile['hosts']): WrittenHost[] {
  if (hosts === undefined) return [];
  if (Array.isArray(hosts)) {
    return hosts.map((host, i) => {
      const path = ['hosts', i];
      if (typeof host === 'string') return { name: host, at: path, part: 'value', settings: {}, path };
      const { name, address, ...settings } = host;
      const at = [...path, 'name'];
      return { name, at, part: 'value', address, addressAt: [...path, 'address'], settings, path };
    });
  }
  return Object.entries(hosts).map(([name, host]) => {
    const path = ['hosts', name];
    const named = { name, at: path, part: 'key', path } as const;
    if (host === null) return { ...named, settings: {} };
    if (typeof host === 'string') return { ...named, address: host, addressAt: path, settings: {} };
    const { address, ...settings } = host;
    return { ...named, address, addressAt: [...path, 'address'], settings };
  });
}

function writtenImports(imports: InventoryFile['import']): { group: string; conf: string; at: KeyPath }[] {
  if (imports === undefined) return [];
  if (typeof imports === 'string') return [{ group: groupOfConf(imports), conf: imports, at: ['import'] }];
  if (Array.isArray(imports)) {
    return imports.map((conf, i) => ({ group: groupOfConf(conf), conf, at: ['import', i] }));
  }
  return Object.entries(imports).flatMap(([group, confs]) => {
    if (typeof confs === 'string') return [{ group, conf: confs, at: ['import', group] }];
    return confs.map((conf, i) => ({ group, conf, at: ['import', group, i] }));
  });
}

function confAddresses(conf: string, at: KeyPath, reading: Reading): string[] {
  const path = reading.path(conf);
  try {
    const { hosts, problems } = parseHostsConf(reading.readText(path), displayPath(path));
    reading.problems.push(...problems);
    return hosts.map((host) => host.address);
  } catch (error) {
    reading.problem(at, `can't read ${displayPath(path)}: ${(error as Error).message}`, { hint: nearestFile(path) });
    return [];
  }
}
