import { readFlagFile } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { Algorithm, ReplicationConfig } from '../protocol/index.ts';
import type { CandidatesOptions } from '../services/start-candidates.ts';

/** The values of `candidateFlags`. */
export interface CandidateFlagValues {
  readonly ttl: number;
  readonly refresh: number;
  readonly algorithm: Algorithm;
  readonly payload?: string | undefined;
  readonly replicate: ReplicationConfig | null;
  readonly 'start-timeout': number;
  readonly duration?: number | undefined;
}

/** etcd refuses requests of more than 1.5 MB. */
const maxPayloadBytes = 1_000_000;

/** What candidates are started with. Throws InputError for values that don't go together, or a payload that can't be read. */
export async function candidatesOptions(flags: CandidateFlagValues, count: number): Promise<CandidatesOptions> {
  if (flags.refresh >= flags.ttl * 1000) {
    throw new InputError(`a lease of ${flags.ttl} s that is renewed every ${flags.refresh} ms runs out in between`, {
      where: '--refresh',
      hint: 'renew it at least twice in its time',
    });
  }
  return {
    count,
    ttlSeconds: flags.ttl,
    refreshMs: flags.refresh,
    algorithm: flags.algorithm,
    payload: flags.payload === undefined ? filler() : await readPayload(flags.payload),
    replication: flags.replicate,
    durationMs: flags.duration,
    timeoutMs: flags['start-timeout'],
  };
}

async function readPayload(path: string): Promise<string> {
  const payload = await readFlagFile(path, '--payload');
  if (payload.length <= maxPayloadBytes) return payload.toString('utf8');
  throw new InputError(`${path} has ${payload.length} bytes; etcd takes at most about ${maxPayloadBytes}`, {
    where: '--payload',
  });
}

/** As much as the payload of the original test had, about 1 KB. */
function filler(): string {
  return 'etcdperf: what a new master writes and every agent reads\n'.repeat(18);
}
