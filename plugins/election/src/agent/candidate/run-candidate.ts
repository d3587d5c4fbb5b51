import { setTimeout as sleep } from 'node:timers/promises';
import { WireError } from '@etcdperf/core/wire';
import type { CandidateConfig } from '../../protocol/index.ts';
import { isLeaderless, persist } from '../persist.ts';
import type { ProcessContext } from '../process-context.ts';
import type { CandidateContext } from './candidate-context.ts';
import { contendOneKey } from './contend-one-key.ts';
import { contendQueue } from './contend-queue.ts';
import { followBatches } from './follow-batches.ts';
import { holdOffice } from './hold-office.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { readOffice } from './office.ts';
import type { Vacancy } from './vacancy.ts';

/** Runs one candidate until `stop`: contends, is master, loses the office, contends again. Revokes its lease at its end. */
export async function runCandidate(process: ProcessContext, config: CandidateConfig, startedUs: number): Promise<void> {
  const { client, keys, log, problems, stop } = process;
  const { identity } = config;
  const context: CandidateContext = {
    ...process,
    config,
    identity,
    tell: (news, atUs) => log.write({ ...news, identity }, atUs),
  };
  let master = false;
  const found = await persist(() => readOffice(client, keys), problems, stop, isLeaderless);
  if (found === undefined) return;
  using _follower = config.replication && followBatches(context, found.revision + 1, () => master);
  let vacancy: Vacancy = { sinceUs: startedUs, from: null };
  while (!stop.aborted) {
    try {
      vacancy = await runWithLease(context, vacancy, (is) => {
        master = is;
      });
    } catch (error) {
      // etcd may be away for long: a candidate waits for it, and says what it meets.
      if (!(error instanceof WireError)) throw error;
      problems.tell(error, identity);
      await sleep(retryMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

const retryMs = 250;

/** As long as one lease lasts, and at most one office. */
async function runWithLease(
  context: CandidateContext,
  vacancy: Vacancy,
  setMaster: (is: boolean) => void,
): Promise<Vacancy> {
  const { client, clock, config, stop, tell } = context;
  const lease = await LeaseKeeper.grant(client, config.ttlSeconds, config.keepaliveMs);
  tell({ e: 'granted', leaseId: lease.id.toString(16), ttlSeconds: lease.ttlSeconds, askedSeconds: config.ttlSeconds });
  try {
    const contend = config.algorithm === 'queue' ? contendQueue : contendOneKey;
    const won = await contend(context, lease.id, vacancy, AbortSignal.any([lease.lost, stop]));
    // Who lost its lease while waiting did not wait all the time for the office that it may find vacant next.
    if (!won) return { ...vacancy, sinceUs: clock.nowUs() };
    setMaster(true);
    return await holdOffice(context, lease, won);
  } finally {
    setMaster(false);
    // A new lease for each term: what was bound to the old one (a place in the queue, an office in doubt) must go.
    await lease.release();
  }
}
