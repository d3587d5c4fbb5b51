import type { Inventory } from './inventory.ts';

/**
 * Reads an inventory: YAML, or an old `*.conf` file with one address a line. Throws one InputError that carries all
 * that is wrong, each with `file:line:column`, key and, where something similar exists, a suggestion.
 */
export async function loadInventory(path: string): Promise<Inventory> {
  // On demand: many commands need this folder's types and paths, few its YAML parser and schema (40 ms of start-up).
  const { readInventory } = await import('./read-inventory.ts');
  return readInventory(path);
}
