import type { WireClient } from '@etcdperf/core/wire';
import { electionKeys, masterName, parseRound } from '../protocol/index.ts';

const keys = electionKeys();

/** Who is master, and of which round, at one revision of etcd. */
export interface Office {
  /** The master's identity; undefined while the office is vacant. */
  readonly master: string | undefined;
  /** Whether the office ends by itself, with its master's lease; anything else in its key is a leftover. */
  readonly isLeased: boolean;
  /** 0 before the first. */
  readonly round: number;
}

export async function readOffice(wire: WireClient): Promise<Office> {
  const { responses } = await wire.txn({
    success: [
      { kind: 'range', key: keys.master },
      { kind: 'range', key: keys.round },
    ],
  });
  const [master, round] = responses.map((response) => (response.kind === 'range' ? response.kvs[0] : undefined));
  return {
    master: master && masterName(master.value),
    isLeased: master !== undefined && master.lease !== 0n,
    round: parseRound(round?.value),
  };
}
