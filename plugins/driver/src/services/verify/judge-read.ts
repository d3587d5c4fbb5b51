import { Held, type KeyLedger } from './key-ledger.ts';

/** What was known of a key when a read of it began. */
export interface KnownBefore {
  readonly revision: number;
  /** The number of a write, or one of `Held`. */
  readonly held: number;
}

/** What a read found. */
export interface FoundValue {
  readonly modRevision: number;
  readonly value: Buffer;
}

/** What is known of a key now. */
export function knownOf(ledger: KeyLedger, slot: number): KnownBefore {
  return { revision: ledger.revisionOf(slot), held: ledger.heldAt(slot) };
}

/**
 * Judges a linearizable read: it must show what was known when it began, or something later that may have happened since.
 *
 * @param found undefined: the key isn't there
 */
export function judgeRead(ledger: KeyLedger, slot: number, before: KnownBefore, found: FoundValue | undefined): void {
  const key = ledger.keys.keyOf(slot);
  const revision = ledger.revisionOf(slot);
  if (found === undefined) {
    const isUnchanged = revision === before.revision;
    if (before.held >= 0 && isUnchanged && !ledger.mayBeDeleted(slot))
      ledger.findings.add('missing-key', key, revision, `it isn't there: ${ledger.describe(slot)}`);
    return;
  }
  const { modRevision, value } = found;
  if (modRevision < before.revision) {
    ledger.findings.add(
      before.held === Held.deleted ? 'undeleted-key' : 'stale-value',
      key,
      before.revision,
      `a read gave revision ${modRevision}${nameOf(ledger, key, value)}; ${ledger.describe(slot)}`,
    );
  } else if (modRevision === before.revision) judgeAt(ledger, slot, modRevision, before.held, value);
  else if (modRevision === revision) judgeAt(ledger, slot, modRevision, ledger.heldAt(slot), value);
  else if (modRevision > revision) {
    // Not of this run: it is what a run finds that doesn't load.
    if (revision === 0 && modRevision <= ledger.startRevision) return;
    const held = ledger.judgeNews(slot, modRevision, value, 0, value.length);
    ledger.settle(slot, modRevision, held, performance.now());
  }
  // Else more than one write of it was acknowledged while it was read: which was the first is no longer known.
}

/**
 * Judges a value at a revision whose write is known.
 *
 * @param held the number of that write, or one of `Held`
 */
export function judgeAt(ledger: KeyLedger, slot: number, revision: number, held: number, value: Buffer): void {
  const key = ledger.keys.keyOf(slot);
  if (held === Held.deleted)
    ledger.findings.add('undeleted-key', key, revision, `it is there at the revision that it was deleted with`);
  if (held < 0 || ledger.codec.fits(value, 0, value.length, key, held)) return;
  const write = ledger.codec.read(value, 0, value.length, key, ledger.latestWrite);
  if (write >= 0)
    ledger.findings.add('wrong-revision', key, revision, `write ${write} is there, acknowledged was write ${held}`);
  else ledger.findings.add('wrong-value', key, revision, `the value is not what write ${held} put there`);
}

function nameOf(ledger: KeyLedger, key: number, value: Buffer): string {
  const write = ledger.codec.read(value, 0, value.length, key, ledger.latestWrite);
  return write < 0 ? '' : ` (write ${write})`;
}
