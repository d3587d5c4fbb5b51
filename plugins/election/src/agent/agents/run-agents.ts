import { setTimeout as sleep } from 'node:timers/promises';
import { generatorUsage, watchEventLoopLag } from '@etcdperf/core/stats';
import { type ConnectionState, WireClient } from '@etcdperf/core/wire';
import type { AgentsConfig } from '../../protocol/index.ts';
import { persist } from '../persist.ts';
import type { ProcessContext } from '../process-context.ts';
import { wireOptions } from '../wire-options.ts';
import { Agent } from './agent.ts';
import type { AgentsContext } from './agents-context.ts';
import { Tally } from './tally.ts';

/** Runs all agents of the process until `stop`, then closes their connections. */
export async function runAgents(process: ProcessContext, config: AgentsConfig): Promise<void> {
  const { clock, keys, log, problems, stop } = process;
  const tally = new Tally();
  const context: AgentsContext = { clock, config, keys, log, problems, stop, tally };
  const clients: WireClient[] = [];
  const interval = reportUsage(context);
  try {
    await startAll(context, clients);
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  } finally {
    interval[Symbol.dispose]();
    // The process ends next, and the kernel closes what is left: nobody waits for thousands of goodbyes.
    await Promise.race([Promise.allSettled(clients.map((client) => client.close())), sleep(closeMs)]);
  }
}

const closeMs = 2000;
/** Thousands of idle connections: asking each more often whether it is alive would be a load of its own. */
const keepaliveMs = 20_000;

/** Starts the agents in order, `startParallel` at a time: what a thundering herd of connects does is not the test. */
async function startAll(context: AgentsContext, clients: WireClient[]): Promise<void> {
  const { clock, config } = context;
  const connect = connector(context, clients);
  let next = 0;
  const startSome = async () => {
    while (next < config.count && !context.stop.aborted) {
      const index = next++;
      const startUs = clock.nowUs();
      const client = await connect(index);
      if (client) await new Agent(context, client, config.firstIndex + index, startUs).start();
    }
  };
  await Promise.all(Array.from({ length: Math.min(config.startParallel, config.count) }, startSome));
}

/** A connection for each agent, or the one of its group. Answers undefined only once the process is to end. */
function connector(context: AgentsContext, clients: WireClient[]): (index: number) => Promise<WireClient | undefined> {
  const { config, problems, stop, tally } = context;
  const options = { ...wireOptions(config), keepaliveMs };
  const onState = ({ kind }: ConnectionState) => {
    if (kind === 'ready') tally.connected += 1;
    else if (kind === 'disconnected') tally.connected -= 1;
  };
  const open = async () => {
    const client = await persist(() => WireClient.connect(options, stop, onState), problems, stop);
    if (client) clients.push(client);
    return client;
  };
  if (config.connections === 'own') return open;
  const { shared } = config.connections;
  const opened: Promise<WireClient | undefined>[] = [];
  return (index) => (opened[index % shared] ??= open());
}

/** Tells regularly what the agents have been through and how busy the process is. */
function reportUsage({ config, log, tally, clock }: AgentsContext): Disposable {
  const usage = generatorUsage();
  const lag = watchEventLoopLag();
  const report = () => {
    log.write({
      e: 'interval',
      cpuPercent: Math.round(usage.cpuPercent() * 10) / 10,
      eventLoopLagP99Ms: Math.round(lag.p99Ms() * 1000) / 1000,
      rssBytes: process.memoryUsage.rss(),
      connected: tally.connected,
      registered: tally.registered(),
      gaps: tally.gaps,
      missed: tally.missed,
    });
    usage.reset();
    lag.reset();
    clock.reanchor();
  };
  const timer = setInterval(report, config.intervalMs);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      report();
      lag.stop();
    },
  };
}
