import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatBatchRecord, type ReplicationConfig } from '../../protocol/index.ts';
import type { CandidateContext } from './candidate-context.ts';
import type { Write } from './fenced-write.ts';
import type { Office } from './office.ts';

/** etcd takes at most 128 operations and 1.5 MiB in a transaction; stay well within both. */
const maxOps = 100;
const maxBytes = 512 * 1024;

/**
 * While the office is held, writes a batch of values every so often, records how long that took, and then announces the
 * batch to the followers. Every write is fenced (`write` answers undefined once the office is lost).
 */
export async function replicateState(
  { clock, keys, tell }: CandidateContext,
  office: Office,
  config: ReplicationConfig,
  write: (writes: readonly Write[]) => Promise<number | undefined>,
  signal: AbortSignal,
): Promise<void> {
  const value = randomBytes(Math.ceil(config.valueBytes / 2))
    .toString('hex')
    .slice(0, config.valueBytes);
  const perTxn = Math.max(1, Math.min(maxOps, Math.floor(maxBytes / config.valueBytes)));
  for (let number = 1; !signal.aborted; number++) {
    const batch = `${office.round}-${number}`;
    const prefix = keys.batch(batch);
    const beginUs = clock.nowUs();
    for (let from = 0; from < config.batchSize; from += perTxn) {
      const length = Math.min(perTxn, config.batchSize - from);
      const writes = Array.from({ length }, (_, index) => ({ key: `${prefix}${from + index}`, value }));
      if ((await write(writes)) === undefined) return;
    }
    const endUs = clock.nowUs();
    const record = { key: keys.batchResult(batch), value: formatBatchRecord(beginUs, endUs) };
    if ((await write([record])) === undefined) return;
    if ((await write([{ key: keys.announcement, value: prefix }])) === undefined) return;
    const bytes = config.batchSize * config.valueBytes;
    tell(
      { e: 'replicated', round: office.round, batch, keys: config.batchSize, bytes, ms: (endUs - beginUs) / 1000 },
      endUs,
    );
    const elapsedMs = (clock.nowUs() - beginUs) / 1000;
    await sleep(Math.max(0, config.intervalMs - elapsedMs), undefined, { signal }).catch(() => undefined);
  }
}
