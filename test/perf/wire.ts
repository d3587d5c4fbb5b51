// Requests per client CPU second on the template path: `npm run perf -- wire [--connections 100] [--clients 1000]
// [--total 200000] [--operation put|range]`. One member in memory, no fsync: the client's own cost is what counts.
import { parseArgs } from 'node:util';
import { startEtcd } from '@etcdperf/core/testing';
import {
  Method,
  ProtoWriter,
  RequestTemplate,
  type TemplateCalls,
  type TemplateFiller,
  WireClient,
  type WireConnection,
  writePut,
  writeRange,
} from '@etcdperf/core/wire';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '100' },
    clients: { type: 'string', default: '1000' },
    total: { type: 'string', default: '200000' },
    operation: { type: 'string', default: 'put' },
    tls: { type: 'boolean', default: false },
  },
});
const connections = Number(values.connections);
const perConnection = Math.max(1, Math.floor(Number(values.clients) / connections));
const total = Number(values.total);
const KEYS = 100_000;

await using cluster = await startEtcd(values.tls ? { tls: 'server' } : {});
const options = {
  endpoints: cluster.endpoints,
  ...(cluster.certificates === undefined ? {} : { tls: { ca: cluster.certificates.ca } }),
};
const template = makeTemplate(values.operation);
const keyFiller: TemplateFiller = { fill: writeKey };

/** One connection and what it may still start. */
class Lane {
  readonly calls: TemplateCalls;
  #due = perConnection;

  constructor(connection: WireConnection) {
    this.calls = connection.useTemplates({
      onDone: (_startedAt, _now, grpcStatus) => {
        done += 1;
        if (grpcStatus !== 0) failed += 1;
        this.#due += 1;
      },
      onBatch: (now) => {
        this.fill(now);
        if (done === total) finished.resolve();
      },
    });
  }

  fill(now: number): void {
    while (this.#due > 0 && started < total && this.calls.canSend(template)) {
      this.#due -= 1;
      this.calls.send(template, now, started % KEYS, keyFiller);
      started += 1;
    }
  }
}

const clients = await Promise.all(Array.from({ length: connections }, () => WireClient.connect(options)));

let started = 0;
let done = 0;
let failed = 0;
const finished = Promise.withResolvers<void>();
const lanes = clients.map(({ connection }) => {
  if (connection === undefined) throw new Error('a connection was lost before the start');
  return new Lane(connection);
});

const cpuBefore = process.cpuUsage();
const wallBefore = performance.now();
for (const lane of lanes) {
  lane.fill(wallBefore);
  lane.calls.flush();
}
await finished.promise;
const wallMs = performance.now() - wallBefore;
const cpu = process.cpuUsage(cpuBefore);
const cpuSeconds = (cpu.user + cpu.system) / 1e6;
console.log(
  JSON.stringify({
    operation: values.operation,
    tls: values.tls,
    connections,
    inFlight: perConnection * connections,
    requests: total,
    failed,
    requestsPerSecond: Math.round(total / (wallMs / 1000)),
    requestsPerCpuSecond: Math.round(total / cpuSeconds),
    cpuMicrosecondsPerRequest: Number(((cpuSeconds * 1e6) / total).toFixed(2)),
    rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
  }),
);
for (const client of clients) await client.close();

/** Eight decimal digits, in place. */
function writeKey(bytes: Buffer, at: number, key: number): void {
  let rest = key;
  for (let digit = 7; digit >= 0; digit -= 1) {
    bytes[at + digit] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

function makeTemplate(operation: string): RequestTemplate {
  const writer = new ProtoWriter();
  const key = '00000000';
  if (operation === 'put') writePut(writer, { key, value: Buffer.alloc(256, 'v') });
  else writeRange(writer, { key, serializable: operation === 'range-serializable' });
  const frame = writer.finish();
  return new RequestTemplate(operation === 'put' ? Method.put : Method.range, frame, frame.indexOf(key));
}
