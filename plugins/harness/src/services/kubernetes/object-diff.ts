import { isDeepStrictEqual } from 'node:util';
import { yamlText } from '@etcdperf/core/config';
import type { ClusterObject } from './cluster-object.ts';
import { hideChangedSecrets, hideSecrets } from './hide-secrets.ts';

/** Lines around a change that are shown with it. */
const CONTEXT = 2;

/** Whether two states of an object say the same, apart from what the API server keeps books with. */
export function isSameObject(one: ClusterObject, other: ClusterObject): boolean {
  return isDeepStrictEqual(essence(one), essence(other));
}

/** What differs between two states of an object, as lines of a unified diff of their YAML; secrets hidden. */
export function objectDiff(before: ClusterObject, after: ClusterObject): string[] {
  const lines = (object: ClusterObject) => yamlText(essence(object)).trimEnd().split('\n');
  return unified(lineDiff(lines(hideSecrets(before)), lines(hideChangedSecrets(before, after))));
}

const BOOKKEEPING = new Set(['managedFields', 'resourceVersion', 'uid', 'generation', 'creationTimestamp', 'selfLink']);

/** Without status and bookkeeping. */
function essence({ status: _status, ...object }: ClusterObject): object {
  const metadata = Object.entries(object.metadata).filter(([name]) => !BOOKKEEPING.has(name));
  return { ...object, metadata: Object.fromEntries(metadata) };
}

/** Longest common subsequence: objects have a few hundred lines at most. */
function lineDiff(before: readonly string[], after: readonly string[]): string[] {
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i]![j] =
        before[i] === after[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push(` ${before[i++]}`);
      j++;
    } else if (j >= after.length || (i < before.length && common[i + 1]![j]! >= common[i]![j + 1]!))
      lines.push(`-${before[i++]}`);
    else lines.push(`+${after[j++]}`);
  }
  return lines;
}

/** Changes with the lines around them; `…` for what is left out. */
function unified(lines: readonly string[]): string[] {
  const changed = lines.flatMap((line, at) => (line.startsWith(' ') ? [] : [at]));
  const isNear = (at: number) => changed.some((change) => Math.abs(change - at) <= CONTEXT);
  return lines.flatMap((line, at) => {
    if (isNear(at)) return [line];
    return at > 0 && isNear(at - 1) && changed.some((change) => change > at) ? [' …'] : [];
  });
}
