import type { WireClient } from '@etcdperf/core/wire';
import { type ElectionKeys, masterName, parseRound } from '../../protocol/index.ts';

/** What an agent learns in one read. */
export interface MasterView {
  /** The revision that the read was answered at. */
  readonly revision: number;
  /** Undefined while the office is vacant. */
  readonly master: string | undefined;
  readonly round: number;
  /** Whether the payload is this master's, an older one's, or none is there. */
  readonly payload: PayloadState;
}

export type PayloadState = 'current' | 'stale' | 'absent';

/** Reads master, payload and round in one transaction, so that they belong together. */
export async function readMaster(client: WireClient, keys: ElectionKeys): Promise<MasterView> {
  const { header, responses } = await client.txn({
    success: [
      { kind: 'range', key: keys.master },
      { kind: 'range', key: keys.payload },
      { kind: 'range', key: keys.round },
    ],
  });
  const [master, payload, round] = responses.map((response) =>
    response.kind === 'range' ? response.kvs[0] : undefined,
  );
  return {
    revision: header.revision,
    master: master && masterName(master.value),
    round: parseRound(round?.value),
    payload: !payload ? 'absent' : payload.modRevision > (master?.createRevision ?? 0) ? 'current' : 'stale',
  };
}
