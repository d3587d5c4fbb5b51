import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { didYouMean, InputError, type InputProblem } from '../errors/index.ts';
import { defaultRunsDir } from './directories.ts';
import { displayPath } from './display-path.ts';
import { finishHosts } from './finish-hosts.ts';
import type { ClockConfig, Inventory } from './inventory.ts';
import { type InventoryFile, inventorySchema } from './inventory-schema.ts';
import { nearestFile } from './nearest-file.ts';
import { type ParsedFile, parseInventoryFile } from './parse-inventory-file.ts';
import { Reading } from './reading.ts';
import { resolveClusters } from './resolve-clusters.ts';
import { resolveGroups } from './resolve-groups.ts';
import { type HostEntry, resolveHosts } from './resolve-hosts.ts';
import { resolveSettings } from './resolve-settings.ts';
import { parseYaml, type SourceMap } from './yaml-source.ts';

/** What `loadInventory` does, without its loading on demand. */
export function readInventory(path: string): Inventory {
  const file = resolve(path);
  const name = displayPath(file);
  const text = readText(file, name);
  const { parsed, source } = file.endsWith('.conf') ? importOf(file, name) : parse(text, name);

  const reading = new Reading(source, dirname(file), text);
  reading.problems.push(...parsed.problems);
  const inventory = resolveInventory(parsed, reading, file);
  if (reading.problems.length > 0) throw invalid(name, inPlaceOrder(reading.problems));
  return inventory;
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new InputError('no such inventory', { where: name, hint: nearestFile(file), cause });
    throw new InputError(`can't read the inventory: ${message}`, { where: name, cause });
  }
}

function parse(text: string, name: string): { parsed: ParsedFile; source: SourceMap } {
  const source = parseYaml(text, name);
  if (!source.usable) throw invalid(name, source.problems);
  if (source.data === null || source.data === undefined) {
    throw new InputError('the inventory is empty', { where: name, hint: 'conf/inventory.yaml is an example to copy' });
  }
  const parsed = parseInventoryFile(source);
  return { parsed: { ...parsed, problems: [...source.problems, ...parsed.problems] }, source };
}

/** An old hosts file on its own is an inventory that imports it. */
function importOf(file: string, name: string): { parsed: ParsedFile; source: SourceMap } {
  const parsed = { file: inventorySchema.parse({ import: file }), problems: [], incomplete: new Set<string>() };
  return { parsed, source: { where: () => `${name}:1:1` } };
}

function invalid(name: string, problems: InputError['problems']): InputError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new InputError(`the inventory has ${count}`, { where: name, problems });
}

/** Top to bottom, file by file, as an editor would list them. */
function inPlaceOrder(problems: readonly InputProblem[]): InputProblem[] {
  const place = ({ where = '' }: InputProblem) => {
    const [, file = where, line = '0', column = '0'] = /^(.*):(\d+):(\d+)$/.exec(where) ?? [];
    return { file, line: Number(line), column: Number(column) };
  };
  const files = [...new Set(problems.map((problem) => place(problem).file))];
  return problems.toSorted((one, two) => {
    const [a, b] = [place(one), place(two)];
    return files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column;
  });
}

function resolveInventory({ file, incomplete }: ParsedFile, reading: Reading, path: string): Inventory {
  const resolved = resolveHosts(file, reading);
  const hosts = new Set(resolved.entries.map((entry) => entry.name));
  const allHosts = !incomplete.has('hosts') && !incomplete.has('import');
  const allGroups = !incomplete.has('groups') && !incomplete.has('import');
  const known = { hosts, allHosts, allGroups };
  const resolvedGroups = resolveGroups(file.groups, { ...known, imported: resolved.imported }, reading);
  const { groups } = resolvedGroups;
  if (hosts.size === 0 && reading.problems.length === 0 && Object.keys(file.clusters ?? {}).length === 0) {
    reading.problem([], 'lists no host and no cluster', { hint: "a list of names under 'hosts:', or 'import:'" });
  }
  const defaults = resolveSettings(file.defaults ?? {}, ['defaults'], reading);
  const clusters = resolveClusters(file.clusters, { ...known, groups }, reading);
  if (file.control !== undefined && !clusters.has(file.control) && !incomplete.has('clusters')) {
    reading.problem(['control'], `no cluster '${file.control}'`, { hint: didYouMean(file.control, clusters.keys()) });
  }
  return {
    path,
    digest: reading.digest(),
    hosts: finishHosts(resolved.entries, resolvedGroups, defaults, reading),
    groups,
    clusters,
    clock: resolveClock(file.clock, resolved.entries),
    limits: resolveLimits(file.limits),
    workDir: file.workDir,
    runsDir: file.runsDir === undefined ? defaultRunsDir() : reading.path(file.runsDir),
    ...(file.control === undefined ? {} : { control: file.control }),
  };
}

function resolveClock(file: InventoryFile['clock'], entries: readonly HostEntry[]): ClockConfig {
  const servers = file.servers.map((server) => {
    const entry = entries.find(({ name }) => name === server);
    return entry === undefined ? { address: server } : { address: entry.address, host: entry.name };
  });
  return { ...file, servers };
}

function resolveLimits(file: InventoryFile['limits']): Inventory['limits'] {
  const sysctls = Object.entries(file.sysctls).map(([name, value]) => [name, String(value)]);
  return { ...file, sysctls: Object.fromEntries(sysctls) };
}
