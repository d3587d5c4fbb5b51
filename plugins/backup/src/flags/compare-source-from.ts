import { access } from 'node:fs/promises';
import { type ClusterFlagValues, clusterAccessFrom, type findInventory } from '@etcdperf/core/cli';
import { EtcdperfError, InputError } from '@etcdperf/core/errors';
import type { CompareSource } from '../services/compare/compare-sources.ts';

interface SourceQuestion {
  readonly flags: ClusterFlagValues;
  readonly inventory: Awaited<ReturnType<typeof findInventory>>;
  readonly revision: number | undefined;
  readonly signal: AbortSignal;
}

const ENDPOINTS = /^(https?:\/\/|[^/\s]+:\d+($|,))/;
/** Names that files of dumps have, and clusters don't. */
const FILE_NAME = /[/\\]|\.(csv|jsonl|gz|zst)$/;

/**
 * What an argument means: `-`, endpoints of a cluster, an existing file, the name of a cluster in the inventory or of
 * a local one; tried in this order. Throws InputError.
 */
export async function compareSourceFrom(argument: string, question: SourceQuestion): Promise<CompareSource> {
  const { flags, inventory, revision, signal } = question;
  const isEndpoints = ENDPOINTS.test(argument);
  if (argument === '-' || (!isEndpoints && (await isThere(argument)))) {
    if (revision === undefined) return { kind: 'dump', path: argument };
    throw new InputError('a dump is of one revision: only a cluster can be read at another', { where: argument });
  }
  if (isEndpoints) {
    const found = await clusterAccessFrom({ ...flags, cluster: undefined, endpoints: argument }, inventory, signal);
    return { kind: 'cluster', name: argument, access: found, revision };
  }
  if (FILE_NAME.test(argument)) throw new InputError('there is no such file', { where: argument });
  try {
    const found = await clusterAccessFrom({ ...flags, cluster: argument, endpoints: undefined }, inventory, signal);
    return { kind: 'cluster', name: argument, access: found, revision };
  } catch (error) {
    if (!(error instanceof EtcdperfError) || !/^there is no (local )?cluster/.test(error.message)) throw error;
    throw new InputError(`there is neither a file nor a cluster '${argument}'`, { hint: error.hint, cause: error });
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
