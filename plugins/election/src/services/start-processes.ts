import { type DaemonSpec, type RunningDaemon, removeDaemon, startDaemon, stopDaemon } from '@etcdperf/core/daemon';
import { OperationError } from '@etcdperf/core/errors';
import { ensureRuntime } from '@etcdperf/core/runtime';
import { fanOut } from '@etcdperf/core/ssh';
import { processNodeFlags } from '../protocol/index.ts';
import { bundleName, bundlePath } from './bundle.ts';
import { type ElectionProcess, findProcesses, type ProcessKind } from './election-processes.ts';
import type { ElectionHost } from './site.ts';

/** One process to be started: what `node election.mjs <kind> <config>` is told. */
export interface PlannedProcess extends ElectionProcess {
  readonly kind: ProcessKind;
  /** As process-config.ts has it; written with mode 0600 on the host. */
  readonly config: object;
  readonly nofile: number;
}

export interface StartedProcess extends ElectionProcess {
  readonly pid: number;
  readonly limits: RunningDaemon['limits'];
}

/** The runtime on a host: the paths of node and of the processes' bundle there. */
export interface HostRuntime {
  readonly node: string;
  readonly bundle: string;
}

/**
 * Starts processes on all their hosts at once. Either all are started, or, when one host fails or the signal is
 * aborted, none is left: what had been started is ended and removed. Throws OperationError naming every host that failed.
 */
export async function startProcesses(
  planned: readonly PlannedProcess[],
  signal: AbortSignal | undefined,
): Promise<StartedProcess[]> {
  const hosts = [...new Map(planned.map(({ host }) => [host.name, host])).values()];
  const kind = planned[0]?.kind;
  await refuseRunning(hosts, kind, signal);
  const attempted: ElectionProcess[] = [];
  try {
    const results = await fanOut(
      hosts,
      async (host) => {
        const runtime = await prepareRuntime(host);
        const started: StartedProcess[] = [];
        for (const process of planned) {
          if (process.host.name !== host.name) continue;
          attempted.push(process);
          started.push(await startProcess(process, runtime, signal));
        }
        return started;
      },
      { signal },
    );
    const failed = results.filter((result) => result.status === 'failed');
    signal?.throwIfAborted();
    if (failed.length > 0) throw failure(`could not start on ${failed.length} of ${hosts.length} hosts`, failed);
    return results.flatMap((result) => (result.status === 'ok' ? result.value : []));
  } catch (error) {
    await removeProcesses(attempted);
    throw error;
  }
}

/** Sees to it that the host can run our processes; fast where nothing is to be done. */
export async function prepareRuntime(host: ElectionHost): Promise<HostRuntime> {
  const { node, bundles } = await ensureRuntime(host.executor, host.workDir, [{ name: bundleName, path: bundlePath }]);
  const bundle = bundles[bundleName];
  if (bundle === undefined) throw new OperationError('the bundled processes are not on the host', { where: host.name });
  return { node, bundle };
}

export async function startProcess(
  process: PlannedProcess,
  runtime: HostRuntime,
  signal: AbortSignal | undefined,
): Promise<StartedProcess> {
  const { host, name, kind, config, nofile } = process;
  const spec: DaemonSpec = {
    name,
    // The daemon's working directory is its own folder, where its configuration lies.
    argv: [runtime.node, ...processNodeFlags, runtime.bundle, kind, 'config'],
    config: JSON.stringify(config),
    nofile,
  };
  const { pid, limits } = await startDaemon(host.executor, host.workDir, spec, { signal });
  return { host, name, pid, limits };
}

/** Ends processes on all hosts at once, and leaves their folders, where their last events are. */
export async function endProcesses(processes: readonly ElectionProcess[], graceMs = 2000): Promise<void> {
  // What can't be ended fails again, and is told, when it is removed.
  await Promise.allSettled(
    processes.map(({ host, name }) => stopDaemon(host.executor, host.workDir, name, { graceMs })),
  );
}

/** Ends processes and removes their folders, on all hosts at once; hosts that fail are returned. */
export async function removeProcesses(
  processes: readonly ElectionProcess[],
  graceMs = 2000,
): Promise<{ readonly process: ElectionProcess; readonly error: Error }[]> {
  const settled = await Promise.all(
    processes.map(async (process) => {
      try {
        await removeDaemon(process.host.executor, process.host.workDir, process.name, { graceMs });
        return [];
      } catch (error) {
        return [{ process, error: error as Error }];
      }
    }),
  );
  return settled.flat();
}

/** Processes of an earlier start: running ones are a reason to refuse, ended ones are removed. */
async function refuseRunning(
  hosts: readonly ElectionHost[],
  kind: ProcessKind | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const results = await findProcesses(hosts, signal);
  signal?.throwIfAborted();
  const failed = results.filter((result) => result.status === 'failed');
  if (failed.length > 0) throw failure(`${failed.length} of ${hosts.length} hosts can't be worked on`, failed);
  const found = results.flatMap((result) => (result.status === 'ok' ? result.value : []));
  const ours = found.filter((process) => process.kind === kind);
  const running = ours.filter((process) => process.state.kind === 'running');
  if (running.length > 0) {
    const who = kind === 'candidate' ? 'candidates' : 'agents';
    throw new OperationError(`${who} run already`, {
      where: running.map(({ host, name }) => `${host.name} (${name})`).join(', '),
      hint: 'end them first: etcdperf election:stop',
    });
  }
  await removeProcesses(ours);
}

function failure(message: string, failed: readonly { readonly host: string; readonly error: Error }[]): OperationError {
  const reasons = failed.map(({ host, error }) => `${host}: ${error.message}`);
  return new OperationError(`${message}: ${reasons.join('; ')}`, { cause: failed[0]?.error });
}
