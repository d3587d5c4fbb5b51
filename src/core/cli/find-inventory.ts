import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Inventory } from '../config/index.ts';
import { InputError } from '../errors/index.ts';

const DEFAULT_FILE = 'etcdperf.yaml';

/** The inventory that a command works on: the flag's (or its variable's), ./etcdperf.yaml, the running lab's; or none. */
export async function findInventory(flags: {
  readonly inventory?: string | undefined;
}): Promise<Inventory | undefined> {
  // Loaded on demand: --help must not pay for the YAML parser and the schema.
  const { loadInventory, stateDir } = await import('../config/index.ts');
  if (flags.inventory !== undefined) return loadInventory(flags.inventory);
  if (existsSync(DEFAULT_FILE)) return loadInventory(DEFAULT_FILE);
  // Most machines have no lab, though they may have had one: these need not load what labs are made with (a hundred
  // modules, most of them ssh2's and yaml's).
  if (isEmpty(join(stateDir(), 'labs'))) return undefined;
  const { currentLabInventory } = await import('../lab/index.ts');
  const ofLab = await currentLabInventory();
  return ofLab === undefined ? undefined : loadInventory(ofLab);
}

/** The same for commands that can't do without. Throws InputError where there is none. */
export async function requireInventory(flags: { readonly inventory?: string | undefined }): Promise<Inventory> {
  const inventory = await findInventory(flags);
  if (inventory !== undefined) return inventory;
  throw new InputError('there is no inventory', {
    where: `./${DEFAULT_FILE}`,
    hint: 'name one with --inventory FILE (conf/inventory.yaml is an example to copy), or make hosts with etcdperf lab:up',
  });
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return true;
  }
}
