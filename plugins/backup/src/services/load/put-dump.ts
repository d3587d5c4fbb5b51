import { observeMembers } from '@etcdperf/core/etcd';
import { type LoadPlan, measureLoad, openMixedLoad } from '@etcdperf/core/load';
import { WireClient } from '@etcdperf/core/wire';
import { BatchBuilder } from './batch-builder.ts';
import { concludeLoad } from './conclude-load.ts';
import { feedDump } from './dump-feed.ts';
import { FedSource } from './fed-source.ts';
import { LeaseBook } from './lease-book.ts';
import { LoadBatches } from './load-batches.ts';
import type { LoadResult } from './load-result.ts';
import type { LoadManner, LoadSettings } from './load-settings.ts';
import type { LoadSite } from './load-site.ts';
import { selectorOf } from './select-prefixes.ts';

/** etcd itself gives up after 7 s. */
const LEASE_TIMEOUT_MS = 10_000;
/** At a rate, transactions are sent at least so often: not thousands of keys at once every few seconds. */
const MOST_MS_BETWEEN = 100;

/** Puts all that is selected of a dump, and was not put before. Resolves and rejects as `measureLoad` does. */
export async function putDump(site: LoadSite): Promise<LoadResult> {
  const { settings, context, task, source, access, from, journal } = site;
  const { manner } = settings;
  let stop: (reason: Error) => void = () => undefined;
  const batches = new LoadBatches({
    from,
    ratePerSec: manner.ratePerSec,
    isConditional: task.mode === 'only-missing',
    onStop: (reason) => stop(reason),
  });
  let isCaughtUp = from.records === 0;
  let isSettled = isCaughtUp;
  await using client =
    task.leases === 'renew'
      ? await WireClient.connect({ ...access, requestTimeoutMs: LEASE_TIMEOUT_MS }, context.signal)
      : undefined;
  const over = new AbortController();
  using leases =
    client &&
    new LeaseBook({
      client,
      patienceMs: manner.patienceMs,
      unsettled: site.resumed?.state.unsettled ?? new Set(),
      onGranted: (granted) => {
        if (!isCaughtUp) journal?.grantedAgain(granted);
      },
      signal: AbortSignal.any([context.signal, over.signal]),
    });
  const plan = planOf(manner);
  const pace = { kind: 'closed' as const, clients: manner.clients };
  await using whole = new FedSource({
    engine: openMixedLoad({ access, plan, parts: [{ pace, operation: batches, goal: batches }] }),
    batches,
    feed: async (signal) => {
      await using contents = await source.open(signal);
      const builder = new BatchBuilder({ mode: task.mode, keys: keysOfBatch(manner), bytes: manner.batchBytes });
      const onCaughtUp = () => {
        isCaughtUp = true;
      };
      const isSelected = selectorOf(site.prefixes);
      await feedDump({ contents, builder, batches, leases, isSelected, from: from.records, onCaughtUp }, signal);
    },
    onNote: () => {
      journal?.acknowledged(batches.acknowledged.position);
      if (isSettled || !isCaughtUp || !batches.acknowledged.isClosedUntil(from.records)) return;
      isSettled = true;
      journal?.settled();
    },
    patienceMs: manner.patienceMs,
  });
  stop = (reason) => whole.stop(reason);
  const report = await measureLoad({
    command: settings.command,
    plan,
    endpoints: access.endpoints,
    source: whole,
    members: observeMembers(settings.access, context.signal, site.survey),
    findings: site.findings,
    thresholds: [],
    intervalMs: 1000,
    run: site.run,
    ...(site.resumed !== undefined && { name: site.resumed.samplesName }),
    moreWith: 'more --clients',
    progress: { step: (text) => context.onStep(`${howFar(source.keys, batches)}${text}`) },
    signal: context.signal,
  });
  over.abort();
  if (report.ending.kind === 'complete' && leases !== undefined) await leases.settle();
  return concludeLoad(site, report, batches, leases?.counts);
}

function planOf({ connections, clients, timeoutMs }: LoadManner): LoadPlan {
  return {
    pace: { kind: 'closed' },
    end: { kind: 'open' },
    warmupMs: 0,
    connections,
    clients,
    maxInFlight: clients,
    timeoutMs,
    threads: 1,
    seed: 1,
  };
}

function keysOfBatch({ batchKeys, ratePerSec }: LoadSettings['manner']): number {
  if (ratePerSec === undefined) return batchKeys;
  return Math.min(batchKeys, Math.max(1, Math.floor((ratePerSec * MOST_MS_BETWEEN) / 1000)));
}

function howFar(keys: number | undefined, { acknowledged }: LoadBatches): string {
  const { records } = acknowledged.position;
  if (keys === undefined || keys === 0) return `${records} keys: `;
  return `${records} of ${keys} keys (${Math.floor((records * 100) / keys)} %): `;
}
