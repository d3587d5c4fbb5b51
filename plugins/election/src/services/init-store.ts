import { randomBytes, randomUUID } from 'node:crypto';
import type { Progress } from '@etcdperf/core/cli';
import { OperationError } from '@etcdperf/core/errors';
import type { WireClient } from '@etcdperf/core/wire';
import { electionKeys, electionLeftovers } from '../protocol/index.ts';
import { connectWire } from './connect-wire.ts';
import { findProcesses } from './election-processes.ts';
import { readOffice } from './election-state.ts';
import { requireQuorum } from './require-quorum.ts';
import { hostsOf, type Site } from './site.ts';
import { waitUntil } from './wait-until.ts';

export interface InitOptions {
  /** How many keys the store is filled with, under /status/. */
  readonly keys: number;
  readonly valueBytes: number;
}

export interface InitResult {
  readonly endpoints: readonly string[];
  /** How many keys of an earlier test were removed. */
  readonly removed: number;
  readonly filled: { readonly keys: number; readonly valueBytes: number; readonly ms: number };
}

/** Enough requests in flight to keep a cluster busy that commits many at once. */
const inFlight = 256;
/** How long the office of a dead master may still be held. */
const leaseLeftMs = 6000;

/**
 * Removes everything of an earlier election and fills the store that new masters have to re-read. Throws an
 * OperationError, and touches nothing, while candidates or agents run, or somebody is master.
 */
export async function initStore(
  site: Site,
  options: InitOptions,
  context: { readonly progress?: Progress | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<InitResult> {
  const { progress, signal } = context;
  await requireQuorum(site.access);
  await using etcd = await connectWire(site.access, signal);
  await refuseRunning(site, etcd.wire, signal);
  progress?.step('removing what an earlier test left');
  const removed = await removeLeftovers(etcd.wire);
  const startedAt = performance.now();
  await fill(
    etcd.wire,
    options,
    (done) => progress?.step(`filling the store: ${done} of ${options.keys} keys`),
    signal,
  );
  const ms = performance.now() - startedAt;
  return {
    endpoints: site.access.endpoints,
    removed,
    filled: { keys: options.keys, valueBytes: options.valueBytes, ms },
  };
}

async function refuseRunning(site: Site, wire: WireClient, signal: AbortSignal | undefined): Promise<void> {
  const hint = 'end it first: etcdperf election:stop';
  const results = await findProcesses(hostsOf(site), signal);
  signal?.throwIfAborted();
  for (const result of results) {
    if (result.status === 'failed') throw result.error;
    const running = result.value.filter(({ state }) => state.kind === 'running');
    if (running.length === 0) continue;
    throw new OperationError(`an election runs: ${running.map(({ name }) => name).join(', ')}`, {
      where: running[0]!.host.name,
      hint,
    });
  }
  // A master that was just killed leaves its key for the rest of its lease.
  const vacant = await waitUntil(async () => ((await readOffice(wire)).isLeased ? undefined : true), {
    timeoutMs: leaseLeftMs,
    signal,
  });
  if (vacant) return;
  const { master } = await readOffice(wire);
  throw new OperationError(`an election runs: '${master}' is master, and is none of the hosts' candidates`, { hint });
}

async function removeLeftovers(wire: WireClient): Promise<number> {
  const leftovers = electionLeftovers(electionKeys());
  let removed = 0;
  for (const prefix of leftovers.prefixes) removed += (await wire.deleteRange(prefix, { prefix: true })).deleted;
  for (const key of leftovers.keys) removed += (await wire.deleteRange(key)).deleted;
  return removed;
}

async function fill(
  wire: WireClient,
  { keys, valueBytes }: InitOptions,
  onProgress: (done: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { filler } = electionKeys();
  const steps = Math.max(1, Math.ceil(keys / 10));
  let begun = 0;
  let done = 0;
  const worker = async () => {
    while (begun < keys) {
      begun++;
      signal?.throwIfAborted();
      await wire.put(filler(randomUUID()), fillerValue(valueBytes));
      done++;
      if (done % steps === 0) onProgress(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, keys) }, worker));
}

/** Printable, so that etcdctl can show it, and random, so that nothing on the way can compress it. */
function fillerValue(bytes: number): string {
  return randomBytes(Math.ceil((bytes * 3) / 4))
    .toString('base64')
    .slice(0, bytes);
}
