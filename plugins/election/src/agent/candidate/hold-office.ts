import { formatNewMasterRecord, type LostReason } from '../../protocol/index.ts';
import { persist } from '../persist.ts';
import type { CandidateContext, Won } from './candidate-context.ts';
import { fencedWrite, type Write } from './fenced-write.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { recoverStore } from './recover-store.ts';
import { replicateState } from './replicate-state.ts';
import type { Vacancy } from './vacancy.ts';
import { watchOffice } from './watch-office.ts';

/**
 * Is master until the office is lost, or the process is told to end. Everything a master does ends at once with it.
 * Returns the vacancy that it knows of, for the next contest.
 */
export async function holdOffice(context: CandidateContext, lease: LeaseKeeper, won: Won): Promise<Vacancy> {
  const { client, keys, clock, stop, identity, tell } = context;
  const { office, vacancy } = won;
  const electedUs = clock.nowUs();
  const dismissal = new AbortController();
  let sinceUs = electedUs;
  const dismiss = (reason: LostReason) => {
    if (dismissal.signal.aborted) return;
    sinceUs = clock.nowUs();
    // First what everything else stops at, then the record of it.
    dismissal.abort(reason);
    tell({ e: 'lost', round: office.round, rev: office.rev, reason }, sinceUs);
  };
  using _lease = onAbort(lease.lost, () => dismiss(lease.lost.reason as LostReason));
  using _stop = onAbort(stop, () => dismiss('stopped'));
  using _watch = watchOffice(client, keys.master, office, identity, dismiss);
  tell({ e: 'elected', round: office.round, rev: office.rev, from: vacancy.from }, electedUs);
  await serve(context, won, dismissal.signal, dismiss);
  if (!dismissal.signal.aborted) {
    await new Promise((resolve) => dismissal.signal.addEventListener('abort', resolve, { once: true }));
  }
  return { sinceUs, from: identity };
}

/** What a master does: payload, record, recovery, replication. */
async function serve(
  context: CandidateContext,
  { office, vacancy }: Won,
  signal: AbortSignal,
  dismiss: (reason: LostReason) => void,
): Promise<void> {
  const { client, keys, clock, config, identity, problems, tell } = context;
  const { round } = office;
  const write = async (writes: readonly Write[]): Promise<number | undefined> => {
    const rev = await persist(() => fencedWrite(client, keys.master, office, writes), problems, signal);
    if (rev === undefined && !signal.aborted) dismiss('fenced');
    return signal.aborted ? undefined : rev;
  };
  const rev = await write([{ key: keys.payload, value: config.payload }]);
  if (rev === undefined) return;
  const doneUs = clock.nowUs();
  tell({ e: 'payload', round, rev }, doneUs);
  const key = keys.newMaster(identity, Math.floor(doneUs / 1e6));
  const value = formatNewMasterRecord({ fromUs: vacancy.sinceUs, doneUs });
  if ((await write([{ key, value }])) === undefined) return;
  if (config.recover) {
    const recovered = await persist(() => recoverStore(client, keys.status, signal), problems, signal);
    if (recovered) tell({ e: 'recovered', round, ...recovered });
  }
  if (config.replication && !signal.aborted) await replicateState(context, office, config.replication, write, signal);
}

function onAbort(signal: AbortSignal, listener: () => void): Disposable {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
}
