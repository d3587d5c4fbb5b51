import { restartDaemon } from '@etcdperf/core/daemon';
import type { ProcessMember } from '../members/cluster-members.ts';

/** How long etcd may take to close its database before it is killed. */
const GRACE_MS = 10_000;

/**
 * Ends a member's process and starts it again as it was, in one step of its host: neither a Ctrl-C nor a connection
 * that breaks leaves it stopped. Returns how long it took from SIGTERM to the new process, in ms of the host's clock.
 */
export async function restartProcess({ site, plan }: ProcessMember): Promise<number> {
  const { askedNs, startedNs } = await restartDaemon(site.executor, site.workDir, plan.daemon, { graceMs: GRACE_MS });
  return Number(startedNs - askedNs) / 1e6;
}
