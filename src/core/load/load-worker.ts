// The entry of a load's worker threads: carries out its thread's part of the plan, as the main thread orders.
import { parentPort, workerData } from 'node:worker_threads';
import { watchEventLoopLag } from '../stats/index.ts';
import { LiveEndpoints } from '../wire/index.ts';
import { ThreadEngine } from './thread-engine.ts';
import { packError, packFigures, type ThreadOrder, type ThreadReport, type WorkerData } from './thread-messages.ts';

const port = parentPort;
if (port === null) throw new Error('this is the entry of a worker thread');
const tell = (report: ThreadReport) => port.postMessage(report);

const { access, areEndpointsLive, ...options } = workerData as WorkerData;
const live = areEndpointsLive ? new LiveEndpoints(access.endpoints) : undefined;
const engine = new ThreadEngine({ ...options, access: { ...access, endpoints: live ?? access.endpoints } });
const ending = new AbortController();
const lag = watchEventLoopLag();
let cpuBefore = threadCpuMs();

port.on('message', (order: ThreadOrder) => void obey(order));
const problem = await engine.prepare(ending.signal).then(() => undefined, packError);
tell({ kind: 'prepared', problem });

async function obey(order: ThreadOrder): Promise<void> {
  switch (order.kind) {
    case 'run': {
      lag.reset();
      const startsAt = performance.now() + Number(order.startsAtNs - process.hrtime.bigint()) / 1e6;
      const run = engine.run(ending.signal, (phase) => tell({ kind: 'phase', phase }), startsAt);
      tell({ kind: 'over', problem: await run.then(() => undefined, packError) });
      return;
    }
    case 'take': {
      const cpuMs = threadCpuMs();
      const figures = { ...(await engine.take()), threadCpuMs: cpuMs - cpuBefore, eventLoopLagP99Ms: lag.p99Ms() };
      cpuBefore = cpuMs;
      lag.reset();
      tell({ kind: 'figures', figures: packFigures(figures) });
      return;
    }
    case 'endpoints':
      live?.replace(order.endpoints, order.gone);
      return;
    case 'abort':
      ending.abort();
      return;
    case 'close':
      lag.stop();
      await engine[Symbol.asyncDispose]();
      tell({ kind: 'closed' });
      port?.close();
      return;
    default:
      order satisfies never;
  }
}

/** 0 where node can't tell yet (before 23.9). */
function threadCpuMs(): number {
  if (typeof process.threadCpuUsage !== 'function') return 0;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
