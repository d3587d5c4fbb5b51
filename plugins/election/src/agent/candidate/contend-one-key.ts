import { masterName } from '../../protocol/index.ts';
import type { CandidateContext, Won } from './candidate-context.ts';
import { claimOffice, readOffice } from './office.ts';
import type { Vacancy } from './vacancy.ts';
import { waitUntilGone } from './wait-until-gone.ts';

/**
 * Contends for the office until it is won, or `signal` is aborted (then undefined): every loser watches the master key
 * itself, from the revision after the one it was seen at, and contends again when it goes.
 */
export async function contendOneKey(
  context: CandidateContext,
  leaseId: bigint,
  start: Vacancy,
  signal: AbortSignal,
): Promise<Won | undefined> {
  const { client, keys, clock, identity, tell } = context;
  let vacancy = start;
  let view = await readOffice(client, keys);
  while (!signal.aborted) {
    if (!view.master || view.master.lease === leaseId) {
      const claim = await claimOffice(client, keys, { identity, leaseId }, view);
      if (claim.kind === 'won') return { office: claim.office, vacancy };
      view = claim.view;
      continue;
    }
    const master = masterName(view.master.value);
    tell({ e: 'waiting', round: view.round, master, rev: view.revision });
    const gone = await waitUntilGone(client, keys.master, view.revision + 1, signal, () => clock.nowUs());
    switch (gone.kind) {
      case 'deleted':
        tell({ e: 'notified', round: view.round + 1, rev: gone.rev }, gone.atUs);
        vacancy = { sinceUs: gone.atUs, from: master };
        // Nothing moved the round since it was read, else the claim is refused and tells what is new.
        view = { ...view, master: undefined };
        break;
      case 'changed':
        view = await readOffice(client, keys);
        break;
      case 'aborted':
        return undefined;
      default:
        gone satisfies never;
    }
  }
  return undefined;
}
