import { isDeepStrictEqual } from 'node:util';
import type { ClusterObject } from '../kubernetes/cluster-object.ts';
import type { Consequence } from '../kubernetes/kubernetes-backend.ts';

/** Of either operator, as far as it matters here. */
interface ClusterSpec {
  readonly size?: number;
  readonly version?: string;
  readonly storageSpec?: object;
  readonly pod?: { readonly persistentVolumeClaimSpec?: object };
}

/**
 * What it means for the members when their EtcdCluster is changed into another. Operators take other numbers of members,
 * and some take other versions; what else they are told of a running cluster they ignore. Pure.
 * @param rolledOut what the operator changes in running members
 */
export function judgeEtcdCluster(
  standing: ClusterObject,
  wanted: ClusterObject,
  rolledOut: readonly 'version'[],
): Consequence | undefined {
  if (wanted.kind !== 'EtcdCluster') return undefined;
  const { size: before, version: from, ...rest } = (standing.spec ?? {}) as ClusterSpec;
  const { size: after, version: to, ...wantedRest } = (wanted.spec ?? {}) as ClusterSpec;
  const isUpgraded = rolledOut.includes('version');
  const ignored = [
    ...(from !== to && !isUpgraded ? [`etcd ${from} becomes ${to}`] : []),
    ...changedFields(rest, wantedRest),
  ];
  if (ignored.length > 0) return anew(wanted.metadata.name, ignored.join(', '), rest);
  if ((after ?? 0) < (before ?? 0)) return { kind: 'asks', reason: `of ${before} members, ${after} stay` };
  if (from !== to)
    return { kind: 'restarts', reason: `etcd ${from} becomes ${to}: members are restarted one after the other` };
  return undefined;
}

/** The operators would take such changes and do nothing. */
function anew(name: string, what: string, { storageSpec, pod }: ClusterSpec): Consequence {
  const reason = `the operator does not change members that run (${what})`;
  if (storageSpec !== undefined || pod?.persistentVolumeClaimSpec !== undefined)
    return {
      kind: 'impossible',
      reason,
      hint: `harness:delete ${name} --data ends it with its data, then deploy it anew; or give the new one another name`,
    };
  return { kind: 'asks', reason: `${reason}: it would be made anew, empty`, anew: true };
}

/** Names of the fields, and of those beneath `pod` and `podTemplate`, that differ. */
function changedFields(before: object, after: object): string[] {
  const [from, to] = [before, after] as readonly Record<string, unknown>[];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(from?.[name], to?.[name]));
}
