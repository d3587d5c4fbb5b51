/**
 * Sets one value of an inventory file, and leaves all else in it as it stands: comments, order, quotes. `path` is the
 * keys that lead to it: `['clusters', 'main', 'endpoints']`. Returns false where the file says so already. Throws
 * InputError for a file that is no YAML map, or can't be written.
 */
export async function editInventory(file: string, path: readonly string[], value: unknown): Promise<boolean> {
  // On demand, as with loadInventory: commands that edit are few.
  const { writeYamlValue } = await import('./write-yaml-value.ts');
  return writeYamlValue(file, path, value);
}
