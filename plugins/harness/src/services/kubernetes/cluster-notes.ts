import type { KubernetesPlan } from './kubernetes-plan.ts';
import type { Look } from './look-at-cluster.ts';
import { dataElsewhere, losesDataWithPod } from './statefulset/member-storage.ts';

const DEFAULT_ELECTION_MS = 1000;
const DEFAULT_HEARTBEAT_MS = 100;
/** What etcd grants at least with its default timeouts, s. */
const USUAL_FLOOR = 2;

/** What a user should know about a cluster that was deployed so. */
export function clusterNotes(plan: KubernetesPlan, look: Look | undefined): string[] {
  const { name, flags, kubernetes } = plan.config;
  const floor = leaseFloorSeconds(flags);
  const had = look?.claims.length ?? 0;
  const isNew = look?.objects.at(-1)?.kind === 'absent';
  const elsewhere = dataElsewhere(plan);
  return [
    ...(floor > USUAL_FLOOR
      ? [`with these timeouts etcd raises every lease to ${floor} s at least (one and a half election timeouts)`]
      : []),
    ...(kubernetes.operator === undefined && losesDataWithPod(plan)
      ? [
          'members keep their data in their pods (emptyDir): one whose pod goes joins anew at the next harness:deploy. A claim keeps data',
        ]
      : []),
    ...(losesDataWithPod(plan) &&
    look?.objects.some(({ kind, wanted }) => kind === 'changed' && wanted.kind === 'Secret')
      ? [`members take a new CA when they are restarted: etcdperf harness:restart ${name} --all`]
      : []),
    ...(isNew && had > 0 ? [`${had} claims of an earlier deployment were there: their data is taken up`] : []),
    ...(kubernetes.operator === undefined && elsewhere !== undefined
      ? [`the data is in ${elsewhere}, and stays there when the cluster is deleted`]
      : []),
    ...(plan.tls !== undefined && plan.tls.clientCa === undefined
      ? ['clients need no certificate: without clientCa anybody who reaches it may read and write']
      : []),
    ...(kubernetes.services.nodePort || kubernetes.services.loadBalancer || kubernetes.services.vip.length > 0
      ? [`etcdperf harness:endpoints ${name} --save tries its ways in from here, and writes those that work`]
      : []),
  ];
}

/** etcd grants no lease for less than one and a half election timeouts, in heartbeats, rounded up to seconds. */
export function leaseFloorSeconds(flags: Readonly<Record<string, string | number | boolean>>): number {
  const election = Number(flags['election-timeout'] ?? DEFAULT_ELECTION_MS);
  const heartbeat = Number(flags['heartbeat-interval'] ?? DEFAULT_HEARTBEAT_MS);
  const ticks = Math.trunc(election / heartbeat);
  return Math.ceil((Math.trunc((3 * ticks) / 2) * heartbeat) / 1000);
}
