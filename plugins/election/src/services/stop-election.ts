import type { Progress } from '@etcdperf/core/cli';
import { daemonState } from '@etcdperf/core/daemon';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { Run } from '@etcdperf/core/runs';
import { electionKeys } from '../protocol/index.ts';
import { connectWire } from './connect-wire.ts';
import { eventSource, type FoundProcess, findProcesses } from './election-processes.ts';
import { EventCollector } from './event-collector.ts';
import { requireQuorum } from './require-quorum.ts';
import type { ElectionHost } from './site.ts';
import { endProcesses, removeProcesses } from './start-processes.ts';
import { waitUntil } from './wait-until.ts';

export interface StopResult {
  /** Where the events of what was stopped are kept; null if nothing ran. */
  readonly run: { readonly dir: string } | null;
  /** Whether processes could be told to end through etcd; if not, they were ended on their hosts. */
  readonly told: boolean;
  readonly hosts: readonly StoppedHost[];
}

export type StoppedHost =
  | { readonly host: string; readonly status: 'ok'; readonly stopped: readonly string[] }
  | { readonly host: string; readonly status: 'failed'; readonly error: string };

/** How long processes have, after they were told to end, before they are ended by signal. */
const graceMs = 5000;
const catchUpMs = 15_000;

export interface StopContext {
  /** Makes the run folder that events are kept in, when there are any. */
  readonly openRun: () => Promise<Run>;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Ends all candidates and agents: writes the stop key, waits, ends by signal what still runs, collects the last events
 * and removes the processes' folders. Doing it again changes nothing. A host that fails does not keep the others.
 *
 * @param access the cluster that the stop key is written to; without one, processes are ended by signal only
 */
export async function stopElection(
  hosts: readonly ElectionHost[],
  access: ClusterAccess | undefined,
  context: StopContext,
): Promise<StopResult> {
  const { progress, signal } = context;
  const found = await findProcesses(hosts, signal);
  signal?.throwIfAborted();
  const failed = found.flatMap((result, index): StoppedHost[] =>
    result.status === 'failed' ? [{ host: hosts[index]!.name, status: 'failed', error: result.error.message }] : [],
  );
  const processes = found.flatMap((result) => (result.status === 'ok' ? result.value : []));
  const mayRun = failed.length > 0 || processes.some(({ state }) => state.kind === 'running');
  progress?.step('telling candidates and agents to end');
  const told = access !== undefined && mayRun ? await writeStopKey(access) : false;
  if (told) await waitForEnd(processes, signal);

  const run = processes.length > 0 ? await context.openRun() : undefined;
  const collector = new EventCollector(run);
  // Whoever did not listen is ended first, so that its last events are collected, too.
  await endProcesses(processes);
  collector.follow(processes.map(eventSource));
  progress?.step('collecting the last events');
  await collector.catchUp(catchUpMs);
  await collector.stop();
  const unremoved = await removeProcesses(processes);
  if (told && access !== undefined) await removeStopKey(access);
  return {
    run: run ? { dir: run.dir } : null,
    told,
    hosts: hosts.map((host) => hostResult(host, processes, failed, unremoved)),
  };
}

async function writeStopKey(access: ClusterAccess): Promise<boolean> {
  try {
    // A cluster that can't be reached must not keep processes from being ended.
    await requireQuorum(access);
    await using etcd = await connectWire(access);
    await etcd.wire.put(electionKeys().stop, new Date().toISOString());
    return true;
  } catch {
    return false;
  }
}

async function removeStopKey(access: ClusterAccess): Promise<void> {
  await using etcd = await connectWire(access);
  await etcd.wire.deleteRange(electionKeys().stop);
}

async function waitForEnd(processes: readonly FoundProcess[], signal: AbortSignal | undefined): Promise<void> {
  const running = processes.filter(({ state }) => state.kind === 'running');
  const look = async () => {
    const states = await Promise.all(
      running.map(({ host, name }) => daemonState(host.executor, host.workDir, name).catch(() => undefined)),
    );
    return states.every((state) => state?.kind !== 'running') || undefined;
  };
  await waitUntil(look, { timeoutMs: graceMs, everyMs: 250, signal });
}

function hostResult(
  host: ElectionHost,
  processes: readonly FoundProcess[],
  failed: readonly StoppedHost[],
  unremoved: readonly { readonly process: { readonly host: ElectionHost }; readonly error: Error }[],
): StoppedHost {
  const failure = failed.find((one) => one.host === host.name);
  if (failure !== undefined) return failure;
  const left = unremoved.find(({ process }) => process.host.name === host.name);
  if (left !== undefined) return { host: host.name, status: 'failed', error: left.error.message };
  const stopped = processes.filter((process) => process.host.name === host.name).map(({ name }) => name);
  return { host: host.name, status: 'ok', stopped };
}
