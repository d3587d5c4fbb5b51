import { InputError } from '@etcdperf/core/errors';
import type { ClusterSurvey } from '@etcdperf/core/etcd';
import { type Finding, preflight } from '@etcdperf/core/load';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { DriverControl } from '../control/driver-control.ts';
import type { DriverContext } from '../driver-context.ts';
import type { DriverSettings } from '../driver-settings.ts';
import { estimateSpace } from './estimate-space.ts';

interface Ahead {
  readonly space: PatternSpace;
  readonly control: DriverControl;
  readonly survey: ClusterSurvey;
}

/**
 * What would spoil the run, told before anything is written. Throws InputError where etcd's quota has no room for the keys,
 * unless that is forced.
 */
export async function lookAhead(
  settings: DriverSettings,
  context: DriverContext,
  { space, control, survey }: Ahead,
): Promise<Finding[]> {
  const { workload, access, target, isForced } = settings;
  const keys = workload.load === undefined ? 0 : Math.max(0, space.size - (control.resumed?.loaded ?? 0));
  const estimate = estimateSpace(space, keys);
  if (keys > 0) context.onInfo(estimate.text);
  const findings = await preflight({
    access,
    target,
    survey,
    signal: context.signal,
    expectedWrites: keys,
    expectedWriteBytes: estimate.bytes,
    ...(workload.leases && { ttlSeconds: workload.leases.ttlSeconds }),
  });
  const beyond = findings.find(({ kind }) => kind === 'over-quota');
  if (beyond !== undefined && !isForced)
    throw new InputError(beyond.message, {
      where: '--pattern',
      hint: `${beyond.hint ?? 'make the key space smaller'}; --force loads until etcd refuses`,
    });
  for (const finding of findings) context.onFinding(finding);
  return [...findings];
}
