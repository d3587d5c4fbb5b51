import { type WireClient, WireError } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import { judgeAt, judgeRead, knownOf } from './judge-read.ts';
import { Held, type KeyLedger } from './key-ledger.ts';

/** The bytes of a key. */
export function keyBytes(space: PatternSpace, key: number): Buffer {
  const bytes = Buffer.allocUnsafe(space.maxKeyBytes);
  return bytes.subarray(0, space.writeKey(bytes, 0, key));
}

/** Reads a followed key as it is now, and judges that. Rejects with a WireError. */
export async function readNow(
  ledger: KeyLedger,
  space: PatternSpace,
  client: WireClient,
  slot: number,
  signal: AbortSignal,
): Promise<void> {
  const before = knownOf(ledger, slot);
  const { kvs } = await client.range(keyBytes(space, ledger.keys.keyOf(slot)), { signal });
  judgeRead(ledger, slot, before, kvs[0]);
}

/**
 * Reads a followed key as it was at the latest revision that is known of it, from the client's own member, and judges
 * that. Returns false where that member can't tell: it isn't there yet, or has compacted it away. Rejects with a
 * WireError.
 */
export async function readThen(
  ledger: KeyLedger,
  space: PatternSpace,
  client: WireClient,
  slot: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { revision, held } = knownOf(ledger, slot);
  const key = ledger.keys.keyOf(slot);
  if (held < 0 && held !== Held.deleted) return false;
  try {
    const { kvs } = await client.range(keyBytes(space, key), { revision, serializable: true, signal });
    const found = kvs[0];
    if (held === Held.deleted) {
      if (found !== undefined)
        ledger.findings.add(
          'undeleted-key',
          key,
          revision,
          `read at its revision, it has revision ${found.modRevision}`,
        );
    } else if (found === undefined)
      ledger.findings.add('missing-key', key, revision, `read at its revision, it isn't there: write ${held}`);
    else if (found.modRevision === revision) judgeAt(ledger, slot, revision, held, found.value);
    else {
      const detail = `read at its revision, it has revision ${found.modRevision}: write ${held} isn't there`;
      ledger.findings.add('stale-value', key, revision, detail);
    }
    return true;
  } catch (error) {
    if (error instanceof WireError && (error.reason === 'compacted' || /future revision/.test(error.message)))
      return false;
    throw error;
  }
}
