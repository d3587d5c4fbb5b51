import { type KeyValue, type TxnOperation, type TxnResult, type WireClient, WireError } from '@etcdperf/core/wire';
import { type ElectionKeys, parseRound } from '../../protocol/index.ts';

/** The office as it was at one revision. */
export interface OfficeView {
  readonly revision: number;
  readonly master: KeyValue | undefined;
  /** The round under way; 0 before the first. */
  readonly round: number;
  /** The round key's mod revision, which guards the next move; 0 if there is no such key. */
  readonly roundRev: number;
}

/** An office held: what fences everything that its master does. */
export interface Office {
  readonly round: number;
  /** The revision that created the master key. */
  readonly rev: number;
  readonly leaseId: bigint;
}

export type Claim =
  | { readonly kind: 'won'; readonly office: Office }
  | { readonly kind: 'lost'; readonly view: OfficeView };

/** A candidate's own key in the queue: it must still stand for a claim to be valid. */
export interface QueuePlace {
  readonly key: string;
  readonly createRevision: number;
}

export async function readOffice(client: WireClient, keys: ElectionKeys): Promise<OfficeView> {
  return viewOf(await client.txn({ success: readOps(keys) }));
}

/**
 * Claims the vacant office in one transaction that is valid only if there is no master and the round is still the one
 * of `view`: it creates the master key, bound to the lease, and moves the round on.
 */
export async function claimOffice(
  client: WireClient,
  keys: ElectionKeys,
  candidate: { readonly identity: string; readonly leaseId: bigint; readonly place?: QueuePlace | undefined },
  view: OfficeView,
): Promise<Claim> {
  const { identity, leaseId, place } = candidate;
  const round = view.round + 1;
  try {
    const result = await client.txn({
      compare: [
        { key: keys.master, target: 'create', is: '=', value: 0 },
        { key: keys.round, target: 'mod', is: '=', value: view.roundRev },
        ...(place ? [{ key: place.key, target: 'create', is: '=', value: place.createRevision } as const] : []),
      ],
      success: [
        { kind: 'put', key: keys.master, value: identity, lease: leaseId },
        { kind: 'put', key: keys.round, value: String(round) },
      ],
      failure: readOps(keys),
    });
    if (result.succeeded) return { kind: 'won', office: { round, rev: result.header.revision, leaseId } };
    return settle(viewOf(result), leaseId);
  } catch (error) {
    // Whether it happened can be told from the store: no one else writes our lease into the master key.
    if (error instanceof WireError && error.outcome === 'unknown')
      return settle(await readOffice(client, keys), leaseId);
    throw error;
  }
}

function settle(view: OfficeView, leaseId: bigint): Claim {
  const { master, round } = view;
  if (master?.lease !== leaseId) return { kind: 'lost', view };
  return { kind: 'won', office: { round, rev: master.createRevision, leaseId } };
}

function readOps(keys: ElectionKeys): TxnOperation[] {
  return [
    { kind: 'range', key: keys.master },
    { kind: 'range', key: keys.round },
  ];
}

function viewOf(result: TxnResult): OfficeView {
  const [master, round] = result.responses.map((response) => (response.kind === 'range' ? response.kvs[0] : undefined));
  return {
    revision: result.header.revision,
    master,
    round: parseRound(round?.value),
    roundRev: round?.modRevision ?? 0,
  };
}
