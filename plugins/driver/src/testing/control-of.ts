import { tmpdir } from 'node:os';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { Finding } from '@etcdperf/core/load';
import { completeWorkload, openPatternSpace, parsePattern, type Workload } from '@etcdperf/core/workload';
import type { DriverControlContext } from '../services/control/active-driver.ts';
import type { ControlSettings, DriverControl } from '../services/control/driver-control.ts';
import { openDriverControl } from '../services/control/open-driver-control.ts';

export interface ControlOptions extends Partial<Omit<ControlSettings, 'workload'>> {
  readonly workload?: Partial<Workload>;
  readonly pattern?: string;
  readonly context?: Partial<DriverControlContext>;
}

/** What a driver told on the way. */
export interface Told {
  readonly steps: string[];
  readonly infos: string[];
  readonly findings: Finding[];
}

const PATTERN = '/keys/:ip/%key-%06d[10];[0-9]{12}';

/** A driver's control on keys `/keys/<ip>/key-000000` and so on. Its registration runs out after 2 s. */
export async function controlOf(
  access: ClusterAccess,
  options: ControlOptions = {},
): Promise<{ readonly control: DriverControl; readonly told: Told } & AsyncDisposable> {
  const { pattern = PATTERN, context, ...settings } = options;
  const workload = { ...completeWorkload({ pattern }), ...options.workload };
  const told: Told = { steps: [], infos: [], findings: [] };
  const control = await openDriverControl(
    {
      access,
      controlAccess: access,
      name: 'pod-0',
      ip: '10.0.0.1',
      endKey: '/prefix/testEnd',
      resumeFrom: undefined,
      runsDir: tmpdir(),
      ...settings,
      workload,
    },
    (ip) => openPatternSpace(parsePattern(pattern), { ip, seed: workload.seed }),
    {
      signal: new AbortController().signal,
      onStep: (text) => void told.steps.push(text),
      onInfo: (text) => void told.infos.push(text),
      onFinding: (finding) => void told.findings.push(finding),
      endKeyEveryMs: 200,
      registrationTtlSeconds: 2,
      ...context,
    },
  );
  return { control, told, [Symbol.asyncDispose]: () => control[Symbol.asyncDispose]() };
}
