import { type ClusterAccess, type ClusterSurvey, surveyCluster, type Target } from '../etcd/index.ts';
import { clusterFindings } from './preflight-cluster.ts';
import type { Finding } from './preflight-finding.ts';
import { quotaFindings } from './preflight-quota.ts';
import { type ReadRange, requestFindings } from './preflight-requests.ts';

export type { Finding };

/** What the load will do; what is left out is not looked at. */
export interface PreflightOptions {
  /** The whole cluster, not only the target. */
  readonly access: ClusterAccess;
  readonly target: Target;
  readonly signal?: AbortSignal | undefined;
  /** Of the cluster, where one was made a moment ago: each costs connections and logins. */
  readonly survey?: ClusterSurvey | undefined;
  /** How many different keys are written. */
  readonly keySpaceSize?: number | undefined;
  /** Of the leases that will be asked for. A lease is granted and revoked to see what etcd makes of it. */
  readonly ttlSeconds?: number | undefined;
  /** How many keys are written in all, again and again included, and the bytes of these keys and their values. */
  readonly expectedWrites?: number | undefined;
  readonly expectedWriteBytes?: number | undefined;
  /** What will be read; told when nothing is there. */
  readonly reads?: ReadRange | undefined;
}

/**
 * Looks for what would spoil a load's numbers, before its first request; everything is asked at the same time. Rejects
 * as `surveyCluster` does: where nothing answers or the login is refused, there is nothing to measure.
 */
export async function preflight(options: PreflightOptions): Promise<readonly Finding[]> {
  const { access, target, signal } = options;
  const requests = requestFindings(options);
  // Its failures are findings; only an abort makes it reject, and the survey tells of that, too.
  requests.catch(() => undefined);
  const survey = options.survey ?? (await surveyCluster(access, signal));
  return [
    ...keySpaceFindings(options.keySpaceSize),
    ...clusterFindings(survey, target),
    ...(await quotaFindings(access, survey, options)),
    ...(await requests),
  ];
}

function keySpaceFindings(size: number | undefined): Finding[] {
  if (size !== 1) return [];
  return [
    {
      kind: 'single-key',
      message: "the key space has 1 key: all requests meet in the same place, and etcd's index holds nothing else",
      hint: 'use --key-space-size 100000 or --sequential-keys, unless one key is what you mean to measure',
    },
  ];
}
