import { OperationError } from '@etcdperf/core/errors';
import type { Algorithm, CandidateConfigInput, ReplicationConfig } from '../protocol/index.ts';
import { eventSource, processName } from './election-processes.ts';
import { EventCollector } from './event-collector.ts';
import type { Term } from './observations.ts';
import { processAccess } from './process-access.ts';
import { requireAlive } from './require-alive.ts';
import { requireQuorum } from './require-quorum.ts';
import type { Site } from './site.ts';
import { type PlannedProcess, removeProcesses, startProcesses } from './start-processes.ts';
import { waitUntil } from './wait-until.ts';

export interface CandidatesOptions {
  readonly count: number;
  readonly ttlSeconds: number;
  readonly refreshMs: number;
  readonly algorithm: Algorithm;
  readonly payload: string;
  readonly replication: ReplicationConfig | null;
  /** Ends the candidates after so long. */
  readonly durationMs?: number | undefined;
  /** How long to wait for the first master. */
  readonly timeoutMs: number;
}

export interface CandidatesResult {
  readonly master: {
    readonly identity: string;
    readonly host: string;
    readonly round: number;
    /** Notified (or started) → elected and payload written is in its /new_master record; this is what it re-read. */
    readonly recovered: Term['recovered'] | null;
  };
  readonly ttl: { readonly askedSeconds: number; readonly grantedSeconds: number };
  readonly refreshMs: number;
  readonly algorithm: Algorithm;
  readonly candidates: readonly { readonly identity: string; readonly host: string; readonly pid: number }[];
}

/**
 * Spreads candidates over the masters' hosts, starts all at once, and waits until one of them is master and has
 * written its payload. If that fails, or the signal is aborted, none is left running.
 */
export async function startCandidates(
  site: Site,
  options: CandidatesOptions,
  signal?: AbortSignal,
): Promise<CandidatesResult> {
  await requireQuorum(site.access);
  const planned = planCandidates(site, options);
  const started = await startProcesses(planned, signal);
  const collector = new EventCollector(undefined, { everyMs: 200 });
  try {
    collector.follow(started.map(eventSource));
    const look = async () => {
      await requireAlive(started, signal);
      return collector.record.terms.findLast((term) => term.payloadNs !== undefined);
    };
    const master = await waitUntil(look, { timeoutMs: options.timeoutMs, everyMs: 250, signal });
    if (master === undefined) {
      throw new OperationError(`nobody became master within ${options.timeoutMs / 1000} s`, {
        where: site.access.endpoints.join(', '),
        hint: collector.record.errors.at(-1)?.message ?? 'is the master key held by somebody else? etcdctl get /master',
      });
    }
    return {
      master: {
        identity: master.candidate,
        host: master.host,
        round: master.round,
        recovered: master.recovered ?? null,
      },
      ttl: { askedSeconds: options.ttlSeconds, grantedSeconds: master.grantedTtlSeconds },
      refreshMs: options.refreshMs,
      algorithm: options.algorithm,
      candidates: started.map(({ host, name, pid }) => ({
        identity: planned.find((process) => process.name === name)!.config.identity,
        host: host.name,
        pid,
      })),
    };
  } catch (error) {
    await collector.stop();
    await removeProcesses(started);
    throw error;
  } finally {
    await collector.stop();
  }
}

interface PlannedCandidate extends PlannedProcess {
  readonly config: CandidateConfigInput;
}

/** Candidate n of all is called `<host>-<n>` and runs on the n-th host, counted round and round. */
function planCandidates(site: Site, options: CandidatesOptions): PlannedCandidate[] {
  return Array.from({ length: options.count }, (_, index) => {
    const host = site.masters[index % site.masters.length]!;
    return {
      host,
      kind: 'candidate',
      name: processName('candidate', index + 1),
      nofile: 1024,
      config: {
        ...processAccess(site.access),
        host: host.name,
        identity: `${host.name}-${index + 1}`,
        algorithm: options.algorithm,
        ttlSeconds: options.ttlSeconds,
        keepaliveMs: options.refreshMs,
        payload: options.payload,
        replication: options.replication,
        ...(options.durationMs !== undefined && { durationMs: options.durationMs }),
      },
    };
  });
}
