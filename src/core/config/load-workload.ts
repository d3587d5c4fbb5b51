import type { WorkloadParts } from '../workload/index.ts';

/**
 * Reads a workload file (YAML). Only what it says: flags are laid over it with `mergeWorkload`, and defaults come last.
 * Throws one InputError that carries all that is wrong, each with `file:line:column`, key and, where something similar
 * exists, a suggestion.
 *
 * @param file a path, or the bare name of a preset: `kubernetes-like`
 * @param presets the folder of the presets
 */
export async function loadWorkload(file: string, presets?: string): Promise<WorkloadParts> {
  // On demand, as the inventory: the YAML parser and the schema cost 40 ms.
  const { readWorkload } = await import('./read-workload.ts');
  return readWorkload(file, presets);
}
