import { type KeyValue, type TxnResponse, type WireClient, WireError } from '@etcdperf/core/wire';
import { masterName, parseRound } from '../../protocol/index.ts';
import type { CandidateContext, Won } from './candidate-context.ts';
import { claimOffice, type OfficeView, type QueuePlace } from './office.ts';
import type { Vacancy } from './vacancy.ts';
import { waitUntilGone } from './wait-until-gone.ts';

/**
 * Contends by queueing (etcd's election recipe): each candidate creates its own key and watches only its predecessor,
 * so that a vacancy wakes one candidate instead of all. The head of the queue claims the office, valid only while its
 * place stands. Returns undefined when `signal` is aborted, or when its place is gone (the lease, then, is, too).
 */
export async function contendQueue(
  context: CandidateContext,
  leaseId: bigint,
  start: Vacancy,
  signal: AbortSignal,
): Promise<Won | undefined> {
  const { client, keys, clock, identity, tell } = context;
  let vacancy = start;
  let notified: { readonly rev: number; readonly atUs: number } | undefined;
  let from = Promise.resolve(start.from);
  const place = await takePlace(context, leaseId);
  while (!signal.aborted) {
    const view = await readQueue(context, place);
    if (!view.stands) return undefined;
    const ahead = view.predecessor ?? (view.master?.lease === leaseId ? undefined : view.master);
    if (!ahead) {
      if (notified) {
        tell({ e: 'notified', round: view.round + 1, rev: notified.rev }, notified.atUs);
        vacancy = { ...vacancy, sinceUs: notified.atUs };
      }
      const claim = await claimOffice(client, keys, { identity, leaseId, place }, view);
      if (claim.kind === 'won') return { office: claim.office, vacancy: { ...vacancy, from: await from } };
      notified = undefined;
      continue;
    }
    const master = view.master ? masterName(view.master.value) : '';
    tell({ e: 'waiting', round: view.round, master, rev: view.revision });
    const gone = await waitUntilGone(client, ahead.key, view.revision + 1, signal, () => clock.nowUs());
    switch (gone.kind) {
      case 'deleted':
        notified = { rev: gone.rev, atUs: gone.atUs };
        vacancy = { ...vacancy, from: master === '' ? vacancy.from : master };
        from = masterAt(client, keys.master, gone.rev - 1, vacancy.from);
        break;
      case 'changed':
        break;
      case 'aborted':
        return undefined;
      default:
        gone satisfies never;
    }
  }
  return undefined;
}

/**
 * Who was master just before a place in the queue went. Since this candidate looked, the one before it may have become
 * master, and only its place is watched. It is read beside the claim, and must not hold it up.
 *
 * @param otherwise what was known before: the answer if nobody was, or it can't be read
 */
async function masterAt(client: WireClient, key: string, revision: number, otherwise: string | null) {
  try {
    const { kvs } = await client.range(key, { revision, serializable: true, timeoutMs: 1000 });
    return kvs[0] ? masterName(kvs[0].value) : otherwise;
  } catch (error) {
    if (error instanceof WireError) return otherwise;
    throw error;
  }
}

/** Creates the candidate's own key, or finds it, where an earlier try got through unheard. */
async function takePlace({ client, keys, identity }: CandidateContext, leaseId: bigint): Promise<QueuePlace> {
  const key = keys.queued(leaseId);
  const take = () =>
    client.txn({
      compare: [{ key, target: 'create', is: '=', value: 0 }],
      success: [{ kind: 'put', key, value: identity, lease: leaseId }],
      failure: [{ kind: 'range', key }],
    });
  const result = await take().catch((error: unknown) => {
    if (error instanceof WireError && error.outcome === 'unknown') return take();
    throw error;
  });
  return {
    key,
    createRevision: result.succeeded ? result.header.revision : kvsOf(result.responses[0])[0]!.createRevision,
  };
}

interface QueueView extends OfficeView {
  /** Whether the own place is still there. */
  readonly stands: boolean;
  readonly predecessor: KeyValue | undefined;
}

async function readQueue({ client, keys }: CandidateContext, place: QueuePlace): Promise<QueueView> {
  const { header, responses } = await client.txn({
    compare: [{ key: place.key, target: 'create', is: '=', value: place.createRevision }],
    success: [
      { kind: 'range', key: keys.master },
      { kind: 'range', key: keys.round },
      {
        kind: 'range',
        key: keys.queue,
        prefix: true,
        maxCreateRevision: place.createRevision - 1,
        sort: { by: 'create', order: 'descend' },
        limit: 1,
      },
    ],
  });
  const [master, round, queue] = responses;
  const roundKv = kvsOf(round)[0];
  return {
    revision: header.revision,
    stands: responses.length > 0,
    master: kvsOf(master)[0],
    round: parseRound(roundKv?.value),
    roundRev: roundKv?.modRevision ?? 0,
    predecessor: kvsOf(queue)[0],
  };
}

function kvsOf(response: TxnResponse | undefined): readonly KeyValue[] {
  return response?.kind === 'range' ? response.kvs : [];
}
