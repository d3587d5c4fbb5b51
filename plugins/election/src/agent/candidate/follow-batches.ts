import { prefixEnd, WireError } from '@etcdperf/core/wire';
import { formatBatchRecord } from '../../protocol/index.ts';
import type { CandidateContext } from './candidate-context.ts';

const pageSize = 500;

/**
 * The standby's side of state replication: reads every batch that a master announces, records how long that took, and
 * removes the batch. It is read at the announcement's revision, so that no other follower's removal disturbs it.
 *
 * @param isMaster a master does not follow itself
 */
export function followBatches(context: CandidateContext, fromRevision: number, isMaster: () => boolean): Disposable {
  const { client, clock, keys } = context;
  let work = Promise.resolve();
  const watcher = client.watch(
    { key: keys.announcement, startRevision: fromRevision },
    {
      onEvents: (events) => {
        const notifiedUs = clock.nowUs();
        if (isMaster()) return;
        for (const { type, kv } of events) {
          const prefix = kv.value.toString();
          // Whoever writes the key: nothing outside the batches is ever removed.
          if (type !== 'put' || !prefix.startsWith(keys.updated) || prefix.length <= keys.updated.length + 1) continue;
          work = work.then(() => follow(context, prefix, kv.modRevision, notifiedUs));
        }
      },
      onGap: () => undefined,
      onCanceled: () => undefined,
    },
  );
  return { [Symbol.dispose]: () => watcher.close() };
}

async function follow(context: CandidateContext, prefix: string, revision: number, notifiedUs: number): Promise<void> {
  const { client, clock, keys, identity, log, tell } = context;
  const rangeEnd = prefixEnd(prefix);
  try {
    let read = 0;
    let bytes = 0;
    let key: Buffer = Buffer.from(prefix);
    for (;;) {
      const page = await client.range(key, { rangeEnd, limit: pageSize, revision });
      for (const kv of page.kvs) bytes += kv.value.length;
      read += page.kvs.length;
      const last = page.kvs.at(-1);
      if (!page.more || !last) break;
      key = Buffer.concat([last.key, Buffer.of(0)]);
    }
    const readUs = clock.nowUs();
    const batch = prefix.slice(keys.updated.length).replaceAll('/', '');
    await client.put(keys.followedResult(`${identity}-${batch}`), formatBatchRecord(notifiedUs, readUs));
    await client.deleteRange(prefix, { rangeEnd });
    tell({ e: 'followed', batch, keys: read, bytes, ms: (readUs - notifiedUs) / 1000 }, readUs);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    log.write({ e: 'error', message: `batch ${prefix} was not followed: ${error.message}`, identity });
  }
}
