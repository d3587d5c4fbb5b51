import { InputError } from '@etcdperf/core/errors';
import type { Threshold } from '@etcdperf/core/load';
import type { DriverParts } from '../../operations/driver-parts.ts';
import type { DriverSettings } from '../driver-settings.ts';
import { hasSteadyWork } from './has-steady-work.ts';

/** Which phase is judged by what. */
export interface SharedThresholds {
  readonly load: readonly Threshold[];
  readonly steady: readonly Threshold[];
}

/**
 * Those that name a series of the loading are of the loading; where there is nothing else, all are. Throws InputError for
 * one that names what will not be there: found out after the loading, it would be too late.
 */
export function shareThresholds(
  { thresholds, workload }: Pick<DriverSettings, 'thresholds' | 'workload'>,
  { ramp, steady }: DriverParts,
): SharedThresholds {
  const ofLoad = ramp?.operation.kinds.map(({ name }) => name) ?? [];
  const names = [
    ...ofLoad,
    ...steady.flatMap(({ operation }) => operation.kinds.map(({ name }) => name)),
    ...(workload.watches === undefined ? [] : ['watch delivery']),
    ...(workload.leases === undefined ? [] : ['grant', 'keepalive']),
    'reconnect',
  ];
  const wrong = thresholds.find(({ series }) => series !== undefined && !names.includes(series));
  if (wrong !== undefined)
    throw new InputError(`'${wrong.text}': nothing is called '${wrong.series}' here`, {
      where: '--threshold',
      hint: `there is ${names.map((name) => `'${name}'`).join(', ')}`,
    });
  if (!hasSteadyWork(workload)) return { load: thresholds, steady: [] };
  const isOfLoad = ({ series }: Threshold) => series !== undefined && ofLoad.includes(series);
  return { load: thresholds.filter(isOfLoad), steady: thresholds.filter((one) => !isOfLoad(one)) };
}
