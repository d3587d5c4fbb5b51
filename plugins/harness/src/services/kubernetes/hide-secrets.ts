import type { ClusterObject } from './cluster-object.ts';

const HIDDEN = '(hidden)';

/** An object as it may be shown: a secret without what it holds. */
export function hideSecrets(object: ClusterObject): ClusterObject {
  if (object.kind !== 'Secret') return object;
  const { stringData: _stringData, ...rest } = object;
  return { ...rest, data: mapValues(object.data, () => HIDDEN) };
}

/** The same of an object that changes: it is told which values are others. */
export function hideChangedSecrets(before: ClusterObject, after: ClusterObject): ClusterObject {
  if (after.kind !== 'Secret') return after;
  const former = (before.data ?? {}) as Record<string, string>;
  const data = mapValues(after.data, (value, name) =>
    former[name] === undefined || former[name] === value ? HIDDEN : '(hidden, another)',
  );
  return { ...hideSecrets(after), data };
}

function mapValues(data: unknown, value: (value: string, name: string) => string): Record<string, string> {
  const entries = Object.entries((data ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([name, one]) => [name, value(one, name)]));
}
