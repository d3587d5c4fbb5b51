import { WireClient } from '@etcdperf/core/wire';
import { agentsConfigSchema, candidateConfigSchema, electionKeys } from '../protocol/index.ts';
import { runAgents } from './agents/run-agents.ts';
import { runCandidate } from './candidate/run-candidate.ts';
import { EventLog } from './event-log.ts';
import { isLeaderless, persist } from './persist.ts';
import { ProblemLog } from './problem-log.ts';
import type { ProcessContext } from './process-context.ts';
import { readConfig } from './read-config.ts';
import { StopSignal } from './stop-signal.ts';
import { WallClock } from './wall-clock.ts';
import { wireOptions } from './wire-options.ts';

/**
 * Runs a candidate or a group of agents as their configuration file says, until they are told to end. Throws InputError
 * for a wrong configuration, WireError when etcd can't be reached at the start.
 */
export async function runProcess(kind: 'candidate' | 'agents', configFile: string): Promise<void> {
  const clock = new WallClock();
  const startedUs = clock.nowUs();
  const stop = new StopSignal();
  stop.onSignals();
  if (kind === 'candidate') {
    const config = await readConfig(configFile, candidateConfigSchema);
    const { identity } = config;
    await run(config, clock, stop, identity, async (context) => {
      const { algorithm } = config;
      context.log.write({ e: 'started', process: 'candidate', pid: process.pid, algorithm, identity }, startedUs);
      await runCandidate(context, config, startedUs);
    });
    return;
  }
  const config = await readConfig(configFile, agentsConfigSchema);
  await run(config, clock, stop, undefined, async (context) => {
    const { count } = config;
    const connections = config.connections === 'own' ? count : config.connections.shared;
    context.log.write({ e: 'started', process: 'agents', pid: process.pid, count, connections }, startedUs);
    await runAgents(context, config);
  });
}

/** Opens what every process needs, runs `work`, and tells how it ended. */
async function run(
  config: Parameters<typeof wireOptions>[0],
  clock: WallClock,
  stop: StopSignal,
  identity: string | undefined,
  work: (context: ProcessContext) => Promise<void>,
): Promise<void> {
  const log = new EventLog(config.eventsFile, clock, (error) => {
    process.stderr.write(`events can't be written to ${config.eventsFile}: ${error.message}\n`);
  });
  const name = identity === undefined ? {} : { identity };
  try {
    if (config.durationMs !== undefined) stop.after(config.durationMs);
    const client = await WireClient.connect(wireOptions(config), stop.signal);
    try {
      const keys = electionKeys(config.prefix);
      const problems = new ProblemLog(log);
      await persist(() => stop.onStopKey(client, keys.stop), problems, stop.signal, isLeaderless);
      await work({ client, keys, log, clock, problems, stop: stop.signal });
    } finally {
      await client.close();
    }
    log.write({ e: 'stopped', why: stop.signal.reason, ...name });
  } catch (error) {
    if (!stop.signal.aborted) log.write({ e: 'error', message: (error as Error).message, ...name });
    log.write({ e: 'stopped', why: stop.signal.aborted ? stop.signal.reason : 'error', ...name });
    if (!stop.signal.aborted) throw error;
  } finally {
    log.close();
  }
}
