// The load engine, with all that it records: `npm run perf -- load [--connections 100] [--clients 1000] [--total 200000]
// [--rate 5000 --seconds 10] [--threads 1] [--endpoint URL] [--tls]`. One member in memory, no fsync. Compare a closed
// loop with `npm run perf -- wire`, which counts nothing.
import { parseArgs } from 'node:util';
import { type LoadPlan, openLoadEngine } from '@etcdperf/core/load';
import { startEtcd } from '@etcdperf/core/testing';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '100' },
    clients: { type: 'string', default: '1000' },
    total: { type: 'string', default: '200000' },
    rate: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    threads: { type: 'string', default: '1' },
    value: { type: 'string', default: '256' },
    tls: { type: 'boolean', default: false },
    endpoint: { type: 'string' },
  },
});
await using cluster = values.endpoint === undefined ? await startEtcd(values.tls ? { tls: 'server' } : {}) : undefined;
const ca = cluster?.certificates?.ca;
const plan: LoadPlan = {
  pace: values.rate === undefined ? { kind: 'closed' } : { kind: 'open', ratePerSec: Number(values.rate) },
  end:
    values.rate === undefined
      ? { kind: 'total', requests: Number(values.total) }
      : { kind: 'duration', ms: Number(values.seconds) * 1000 },
  warmupMs: 0,
  connections: Number(values.connections),
  clients: Number(values.clients),
  maxInFlight: 10_000,
  timeoutMs: 5000,
  threads: Number(values.threads),
  seed: 1,
};
const access = {
  endpoints: values.endpoint === undefined ? cluster!.endpoints : [values.endpoint],
  ...(ca === undefined ? {} : { tls: { ca } }),
};
const module = new URL('../../src/core/testing/put-operation.ts', import.meta.url).href;
const options = { prefix: '', valueBytes: Number(values.value) };
await using engine = openLoadEngine({ access, plan, work: { kind: 'operation', module, options } });
const { signal } = new AbortController();
await engine.prepare(signal);
const cpuBefore = process.cpuUsage();
const wallBefore = performance.now();
await engine.run(signal, () => {});
const wallMs = performance.now() - wallBefore;
const cpu = process.cpuUsage(cpuBefore);
const cpuSeconds = (cpu.user + cpu.system) / 1e6;
const figures = await engine.take();
const { ok, fail, unknown, latency } = figures.series[0]!;
const ms = (recorder: typeof latency, percent: number) => Number((recorder.percentile(percent) / 1e6).toFixed(3));
console.log(
  JSON.stringify({
    ok,
    fail,
    unknown,
    sent: figures.sent,
    requestsPerSecond: Math.round(ok / (wallMs / 1000)),
    requestsPerCpuSecond: Math.round(ok / cpuSeconds),
    cpuMicrosecondsPerRequest: Number(((cpuSeconds * 1e6) / ok).toFixed(2)),
    cpuPercent: Number(((cpuSeconds * 1e5) / wallMs).toFixed(1)),
    latencyMs: { p50: ms(latency, 50), p99: ms(latency, 99), max: ms(latency, 100) },
    ...(values.rate === undefined
      ? {}
      : {
          latenessMs: {
            p50: ms(figures.lateness, 50),
            p99: ms(figures.lateness, 99),
            p999: ms(figures.lateness, 99.9),
          },
          late: figures.late,
          dropped: figures.dropped,
        }),
    rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
  }),
);
