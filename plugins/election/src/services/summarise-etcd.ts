import type { ClusterAccess } from '@etcdperf/core/etcd';
import { prefixEnd } from '@etcdperf/core/wire';
import { electionKeys, parseAgentRecord } from '../protocol/index.ts';
import { connectWire } from './connect-wire.ts';
import type { AgentRound, Moment } from './observations.ts';
import { requireQuorum } from './require-quorum.ts';
import { summariseRound } from './round-summary.ts';
import { type ElectionSummary, pickRounds } from './summarise-run.ts';

const keys = electionKeys();
/** Records are fetched in pages: one answer of 100,000 would exceed what a client may take. */
const pageSize = 5000;

/**
 * Summarises the records that agents left in etcd, under /agents/<round>/. When masters were killed is not in etcd:
 * `killedAt` (unix seconds) is the kill that began `onlyRound`.
 */
export async function summariseEtcd(
  access: ClusterAccess,
  options: { readonly onlyRound?: number | undefined; readonly killedAt?: number | undefined },
  signal?: AbortSignal,
): Promise<ElectionSummary> {
  await requireQuorum(access);
  await using etcd = await connectWire(access, signal);
  const kill: Moment | undefined =
    options.killedAt === undefined ? undefined : { host: '', atNs: BigInt(Math.round(options.killedAt * 1e6)) * 1000n };
  const rounds = new Map<number, AgentRound[]>();
  const prefix = options.onlyRound === undefined ? keys.agents : keys.agentsOf(options.onlyRound);
  for (let key = prefix, more = true; more; ) {
    signal?.throwIfAborted();
    const page = await etcd.wire.range(key, { rangeEnd: prefixEnd(prefix), limit: pageSize });
    for (const kv of page.kvs) {
      const agent = readRecord(kv.key.toString(), kv.value.toString(), kill);
      if (agent !== undefined) rounds.set(agent.round, [...(rounds.get(agent.round) ?? []), agent]);
    }
    more = page.more;
    const last = page.kvs.at(-1);
    if (last !== undefined) key = `${last.key.toString()}\0`;
  }
  const numbers = [...rounds.keys()].sort((a, b) => a - b);
  return {
    source: { kind: 'etcd', endpoints: access.endpoints },
    rounds: pickRounds(numbers, options.onlyRound, access.endpoints.join(', ')).map((round) =>
      summariseRound(round, rounds.get(round)!, kill, new Map()),
    ),
  };
}

/** An agent's record; undefined for what is none. Who began before the kill began by starting, not by being told. */
function readRecord(key: string, value: string, kill: Moment | undefined): AgentRound | undefined {
  const round = Number(/^(\d+)\//.exec(key.slice(keys.agents.length))?.[1]);
  const record = parseAgentRecord(value);
  if (record === undefined || !Number.isSafeInteger(round)) return undefined;
  const fromNs = BigInt(record.fromUs) * 1000n;
  return {
    host: '',
    identity: record.identity,
    master: record.master,
    round,
    isFirst: kill === undefined || fromNs < kill.atNs,
    fromNs,
    gotNs: BigInt(record.gotUs) * 1000n,
  };
}
