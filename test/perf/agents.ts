// npm run perf -- agents [--agents 10000] [--rounds 5]: one process of agents, a connection each, against a local
// 3-member etcd in memory. Masters are killed; what the agents need for a round stands beside the time of the same
// calls to etcd made without agents, by as many connections of the same engine, in the same minute.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEtcd } from '@etcdperf/core/testing';
import { WireClient, WireError } from '@etcdperf/core/wire';
// biome-ignore lint/style/noRestrictedImports: what is measured is a process that the plugin keeps to itself.
import { ElectionProcess } from '../../plugins/election/src/agent/testing/election-process.ts';
// biome-ignore lint/style/noRestrictedImports: the same.
import { processNodeFlags } from '../../plugins/election/src/protocol/index.ts';

const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    baseline: { type: 'string' },
  },
});
const count = Number(values.agents);
const rounds = Number(values.rounds);
const MASTER = '/baseline/master';
const RSS_LIMIT_KB = 40;
const RATIO_LIMIT = 1.5;
const root = fileURLToPath(new URL('../../', import.meta.url));
const bundle = `${root}plugins/election/dist/agent/election.mjs`;

if (values.baseline === undefined) await measure();
else await serveBaseline(JSON.parse(values.baseline) as string[]);

async function measure(): Promise<void> {
  build();
  await using etcd = await startEtcd({ members: 3 });
  const common = { host: 'perf', endpoints: etcd.endpoints, requestTimeoutMs: 30_000 };
  const candidate = (identity: string) =>
    ElectionProcess.start('candidate', { ...common, identity, payload: 'x'.repeat(1024), ttlSeconds: 10 }, [
      ...processNodeFlags,
      bundle,
    ]);
  let candidates = await Promise.all(['c0', 'c1', 'c2'].map(candidate));
  const startedMs = performance.now();
  const agents = await ElectionProcess.start('agents', { ...common, count, durationMs: 1_200_000 }, [
    ...processNodeFlags,
    bundle,
  ]);
  try {
    await allRecorded(agents, 1);
    console.log(`${count} agents started and registered in ${seconds(performance.now() - startedMs)}`);
    const idleKb = statusKb(agents, 'VmRSS') / count;
    const baseline = startBaseline(etcd.endpoints);
    const ratios: number[] = [];
    while (ratios.length < rounds) {
      // Taken right before the agents' own round, on the same cluster and machine.
      const baselineMs = await baseline.next();
      const { master, round: current } = await masterAmong(candidates, etcd.endpoints);
      await allRecorded(agents, current);
      const round = current + 1;
      await master.kill('SIGKILL');
      const ms = await roundMs(agents, round);
      ratios.push(ms.total / baselineMs);
      console.log(
        `round ${round}: first notified to all got ${seconds(ms.got)}, to all recorded ${seconds(ms.total)}; ` +
          `the same calls without agents ${seconds(baselineMs)}: ${(ms.total / baselineMs).toFixed(2)} ×`,
      );
      const payloadRev =
        candidates.flatMap((one) => one.of('payload')).find((event) => event.round === round)?.rev ?? 0;
      const early = agents.of('agent').filter((event) => event.round === round && event.rev < payloadRev).length;
      console.log(`  ${early} read before the new master's payload was there, and waited for it`);
      await master[Symbol.asyncDispose]();
      candidates = [...candidates.filter((one) => one !== master), await candidate(`c${round + 1}`)];
    }
    baseline.stop();
    const rssKb = statusKb(agents, 'VmRSS') / count;
    const ratio = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
    const lost = agents.of('lost').length + agents.of('missed').length + agents.of('gap').length;
    console.log(
      `RSS per agent: ${idleKb.toFixed(1)} KB registered, ${rssKb.toFixed(1)} KB at the end, ` +
        `${(statusKb(agents, 'VmHWM') / count).toFixed(1)} KB at its peak (at most ${RSS_LIMIT_KB})`,
    );
    console.log(
      `rounds: ${ratio.toFixed(2)} × the same calls without agents, median of ${rounds} (at most ${RATIO_LIMIT})`,
    );
    console.log(`lost, missed, gaps: ${lost}`);
    if (rssKb > RSS_LIMIT_KB || ratio > RATIO_LIMIT || lost > 0) process.exitCode = 3;
  } finally {
    await Promise.all([agents, ...candidates].map((one) => one[Symbol.asyncDispose]()));
  }
}

function build(): void {
  const options = ['--bundle', '--platform=node', '--format=esm', '--target=node22', '--conditions=etcdperf-source'];
  const entry = `${root}plugins/election/src/agent/main.ts`;
  execFileSync(`${root}node_modules/.bin/esbuild`, [entry, ...options, '--log-level=warning', `--outfile=${bundle}`]);
}

/** The master and its round; a machine so busy that the office changed by itself is waited for. */
async function masterAmong(
  candidates: readonly ElectionProcess[],
  endpoints: string[],
): Promise<{ master: ElectionProcess; round: number }> {
  await using client = await WireClient.connect({ endpoints });
  for (;;) {
    const { responses } = await client.txn({ success: ['/master', '/election/round'].map(readOf) });
    const [identity, round] = responses.map((one) => (one.kind === 'range' ? one.kvs[0]?.value.toString() : undefined));
    const master = candidates.find((candidate) =>
      candidate.of('payload').some((event) => event.identity === identity && event.round === Number(round)),
    );
    if (master) return { master, round: Number(round) };
    await sleep(100);
  }
}

function readOf(key: string): { readonly kind: 'range'; readonly key: string } {
  return { kind: 'range', key };
}

/** Waits for the process to say, once a second, that all have; reading its whole log all the time would disturb it. */
async function allRecorded(agents: ElectionProcess, round: number): Promise<void> {
  await agents.until('interval', ({ registered }) => registered[round] === count, {
    timeoutMs: 300_000,
    everyMs: 1000,
  });
}

async function roundMs(agents: ElectionProcess, round: number): Promise<{ got: number; total: number }> {
  await allRecorded(agents, round);
  const taken = agents.of('agent').filter((event) => event.round === round);
  const notifiedNs = Math.min(...taken.map((event) => Number(event.notifiedNs)));
  const gotNs = Math.max(...taken.map((event) => Number(event.gotNs)));
  const recordedNs = agents
    .of('recorded')
    .reduce((last, event) => (event.round === round ? Math.max(last, Number(event.tNs)) : last), 0);
  return { got: (gotNs - notifiedNs) / 1e6, total: (recordedNs - notifiedNs) / 1e6 };
}

function startBaseline(endpoints: string[]): { next(): Promise<number>; stop(): void } {
  const argv = [...process.execArgv, fileURLToPath(import.meta.url), '--agents', String(count), '--baseline'];
  const child = spawn(process.execPath, [...argv, JSON.stringify(endpoints)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async () => {
      child.stdin.write('\n');
      const { value, done } = await lines.next();
      if (done) throw new Error('the baseline process ended');
      return Number(value);
    },
    stop: () => child.stdin.end(),
  };
}

/**
 * For each line on stdin: the calls of a round by as many connections, all at once. A watch tells of the master key's
 * end and of the next master, one Txn reads three keys, a put records. Prints how long it took from the first
 * notification, in ms.
 */
async function serveBaseline(endpoints: string[]): Promise<void> {
  for await (const _ of createInterface({ input: process.stdin })) {
    const clients: WireClient[] = [];
    for (let from = 0; from < count; from += 100) {
      const some = Array.from({ length: Math.min(100, count - from) }, (_none, n) => {
        const first = (from + n) % endpoints.length;
        const rotated = [...endpoints.slice(first), ...endpoints.slice(0, first)];
        return WireClient.connect({ endpoints: rotated, requestTimeoutMs: 30_000 });
      });
      clients.push(...(await Promise.all(some)));
    }
    const read = ['/master', '/ego_conf', '/election/round'].map(readOf);
    const value = 'c0|perf-00000|1462632492.123456|1462632492.123456';
    await clients[0]!.put(MASTER, value);
    let beginMs = 0;
    const watched = clients.map((client) => watchMaster(client, () => (beginMs ||= performance.now())));
    await Promise.all(watched.map(({ created }) => created));
    const done = clients.map(async (client, n) => {
      await watched[n]!.elected;
      // Again after a while, as agents do: etcd takes only some 5000 writes at once, and refuses the rest.
      while (!(await client.txn({ success: read }).catch(isRefused))) await sleep(250);
      while (!(await client.put(`/baseline/perf-${n}`, value).catch(isRefused))) await sleep(100);
    });
    await clients[0]!.deleteRange(MASTER);
    await clients[0]!.put(MASTER, value);
    await Promise.all(done);
    const ms = performance.now() - beginMs;
    await Promise.all(clients.map((client) => client.close()));
    console.log(ms);
  }
}

/** One watch on the baseline's master key: `elected` once it is there again after it was gone. */
function watchMaster(client: WireClient, onGone: () => void): { created: Promise<void>; elected: Promise<void> } {
  const created = Promise.withResolvers<void>();
  const elected = Promise.withResolvers<void>();
  client.watch(
    { key: MASTER },
    {
      onCreated: () => created.resolve(),
      onEvents: (events) => {
        for (const { type } of events) if (type === 'delete') onGone();
        if (events.some(({ type }) => type === 'put')) elected.resolve();
      },
    },
  );
  return { created: created.promise, elected: elected.promise };
}

function isRefused(error: unknown): undefined {
  if (!(error instanceof WireError)) throw error;
}

function statusKb({ child }: ElectionProcess, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
