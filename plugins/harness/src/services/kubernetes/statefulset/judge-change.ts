import { isDeepStrictEqual } from 'node:util';
import type { StatefulSet } from '@etcdperf/core/kube';
import type { ClusterObject } from '../cluster-object.ts';
import type { Consequence } from '../kubernetes-backend.ts';
import { withState } from './cluster-state.ts';
import { cannotBecome } from './etcd-version.ts';
import { storageOf } from './member-storage.ts';

type PodTemplate = NonNullable<StatefulSet['spec']>['template'];

/** What it means for the members when their StatefulSet is changed into another. Pure. */
export function judgeChange(standing: ClusterObject, wanted: ClusterObject): Consequence | undefined {
  if (wanted.kind !== 'StatefulSet') return undefined;
  const [from, to] = [standing, wanted] as unknown as readonly [StatefulSet, StatefulSet];
  const why = restartsBecause(from, to);
  if (why === undefined) return undefined;
  const impossible = impossibleBecause(standing, wanted);
  const size = to.spec?.replicas ?? 0;
  if (keepsDataInPods(from)) {
    const pods = `${why}; its members keep their data in their pods (emptyDir)`;
    if (impossible !== undefined || size < 3)
      return { kind: 'asks', reason: `${pods}: it would be made anew, empty`, anew: true };
    return { kind: 'asks', reason: `${pods}: they would be replaced one after the other, each with the others' data` };
  }
  if (impossible !== undefined) {
    const name = wanted.metadata.name;
    const hint = `harness:delete ${name} --data ends it with its data, then deploy it anew; or give the new one another name`;
    return { kind: 'impossible', reason: impossible, hint };
  }
  const alone = size < 3 ? ', without quorum meanwhile' : '';
  return { kind: 'restarts', reason: `${why}: members are restarted one after the other${alone}` };
}

/** What differs that pods are made from. Undefined: nothing. */
function restartsBecause(from: StatefulSet, to: StatefulSet): string | undefined {
  if (bootstrapOf(from) !== bootstrapOf(to)) return 'its members or their addresses change';
  if (storageOf(from as ClusterObject) !== storageOf(to as ClusterObject)) return 'its storage changes';
  const before = from.spec?.template;
  const after = to.spec?.template;
  if (versionOf(from) !== versionOf(to)) return `etcd ${versionOf(from)} becomes ${versionOf(to)}`;
  const image = (set: typeof before) => set?.spec?.containers[0]?.image;
  if (image(before) !== image(after)) return 'its image changes';
  return isDeepStrictEqual(founding(before), founding(after)) ? undefined : 'its pods change';
}

/** A member that was being replaced when the tool was killed leaves a template that joins: no pod is made anew for that. */
function founding(template: PodTemplate | undefined) {
  const containers = template?.spec?.containers.map((one) => ({ ...one, args: withState(one.args, 'new') }));
  return { ...template, spec: { ...template?.spec, containers } };
}

function impossibleBecause(standing: ClusterObject, wanted: ClusterObject): string | undefined {
  const [from, to] = [standing, wanted] as unknown as readonly [StatefulSet, StatefulSet];
  if (from.spec?.replicas !== to.spec?.replicas)
    return `it has ${from.spec?.replicas} members, and ${to.spec?.replicas} are wanted: members are settled when a cluster begins`;
  if (bootstrapOf(from) !== bootstrapOf(to))
    return 'its members have other addresses (ports, or TLS) than wanted: those are settled when a cluster begins';
  if (storageOf(standing) !== storageOf(wanted))
    return 'its storage is another than wanted: its data would not move along';
  const [before, after] = [versionOf(from), versionOf(to)];
  return before === undefined || after === undefined ? undefined : cannotBecome(before, after);
}

function bootstrapOf({ spec }: StatefulSet): string {
  const args = spec?.template.spec?.containers[0]?.args ?? [];
  return [spec?.replicas, args.find((arg) => arg.startsWith('--initial-cluster='))].join(' ');
}

function versionOf({ spec }: StatefulSet): string | undefined {
  return spec?.template.metadata?.annotations?.['etcdperf.io/etcd-version'];
}

function keepsDataInPods({ spec }: StatefulSet): boolean {
  return spec?.template.spec?.volumes?.some(({ name, emptyDir }) => name === 'data' && emptyDir !== undefined) ?? false;
}
