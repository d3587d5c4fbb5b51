import type { Outcome } from '@etcdperf/core/load';
import type { Findings } from './findings.ts';
import type { FollowedKeys } from './followed-keys.ts';
import { OpenDeletes } from './open-deletes.ts';
import { OpenPuts } from './open-puts.ts';
import type { StampCodec } from './stamp-codec.ts';
import type { WriteObserver } from './write-observer.ts';

/** What is known to be at a key's revision, where it isn't the number of a write. */
export const Held = {
  /** It was never written, as far as is known. */
  nothing: -1,
  deleted: -2,
  /** Something that isn't ours, and was told. */
  foreign: -3,
  /** A write of the process before this one. */
  earlier: -4,
} as const;

/** Is told what etcd acknowledged of followed keys, after the ledger knows it. */
export interface AcknowledgedWrites {
  onPut(slot: number, revision: number, write: number): void;
  /** @param isCertain the key was there for certain, so that there must be an event */
  onDelete(slot: number, revision: number, isCertain: boolean): void;
}

const MOST_OPEN_DELETES = 65_536;

export interface KeyLedgerParts {
  readonly keys: FollowedKeys;
  readonly codec: StampCodec;
  readonly findings: Findings;
  readonly firstWrite: number;
  /** Puts in flight and without an answer that are kept. */
  readonly mostOpenPuts: number;
}

/**
 * What etcd has acknowledged or shown of each followed key: the latest revision and what it holds. Beside it the writes
 * that may still come true. One without an answer may do so at any time, even after later writes of its key were
 * acknowledged: it counts as possible until it was seen once, and has its revision from then on.
 */
export class KeyLedger implements WriteObserver {
  /** Bytes for each key. */
  static readonly bytesEach = 8 + 8 + 4 + 4 + 1;
  readonly keys: FollowedKeys;
  readonly codec: StampCodec;
  readonly findings: Findings;
  readonly puts: OpenPuts;
  readonly deletes = new OpenDeletes(MOST_OPEN_DELETES);
  /** The store's when the run began: what it has of then or before is not of this run. */
  startRevision = 0;
  /** The latest that is known. */
  latestRevision = 0;
  /** The highest number that was given to a write. */
  latestWrite: number;
  checkedWrites = 0;
  unknownWrites = 0;
  /** There was no room for a write without an answer: some of what is found can't be judged. */
  isOverflown = false;
  /** The slot and revision acknowledged last. */
  lastSlot = -1;
  listener: AcknowledgedWrites | undefined;
  readonly #firstWrite: number;
  readonly #revisions: Float64Array;
  readonly #writes: Float64Array;
  /** When it was acknowledged, in ms from here on. */
  readonly #times: Uint32Array;
  readonly #epoch = performance.now();
  readonly #wallEpoch = Date.now();
  /** Keys that anything may be at: a write of them could not be kept. */
  readonly #isBlurred: Uint8Array;
  #areDeletesBlurred = false;

  constructor({ keys, codec, findings, firstWrite, mostOpenPuts }: KeyLedgerParts) {
    this.keys = keys;
    this.codec = codec;
    this.findings = findings;
    this.puts = new OpenPuts(keys.count, mostOpenPuts);
    this.#firstWrite = firstWrite;
    this.latestWrite = firstWrite - 1;
    this.#revisions = new Float64Array(keys.count);
    this.#writes = new Float64Array(keys.count).fill(Held.nothing);
    this.#times = new Uint32Array(keys.count);
    this.#isBlurred = new Uint8Array(keys.count);
  }

  /** The latest that is known of a key; 0: nothing is. */
  revisionOf(slot: number): number {
    return this.#revisions[slot]!;
  }

  /** What its latest revision holds: the number of a write, or one of `Held`. */
  heldAt(slot: number): number {
    return this.#writes[slot]!;
  }

  /** Whether a key may be gone without an acknowledged delete. */
  mayBeDeleted(slot: number): boolean {
    const key = this.keys.keyOf(slot);
    return this.#areDeletesBlurred || this.deletes.overlaps(key, key + 1);
  }

  /**
   * Whether one of our deletes may have deleted the key with this revision. If it can only have been one that has no
   * answer, all its keys are known to be deleted from now on.
   */
  judgeDeletion(slot: number, revision: number, now: number): boolean {
    const { keys, deletes } = this;
    const known = this.#revisions[slot]!;
    // Another of its keys was told before.
    if (revision === known && this.#writes[slot] === Held.deleted) return true;
    if (revision <= known) return deletes.hadUnknown || this.mayBeDeleted(slot);
    if (!this.mayBeDeleted(slot)) return false;
    const range = deletes.see(keys.keyOf(slot));
    if (range === undefined) return true;
    for (let other = keys.firstFrom(range.firstKey); other < keys.count && keys.keyOf(other) < range.endKey; other += 1)
      this.settle(other, revision, Held.deleted, now);
    return true;
  }

  /** There was no room for one of its writes: it can't be told whether an answer is still to come. */
  isBlurred(slot: number): boolean {
    return this.#isBlurred[slot] === 1;
  }

  /** For people: which write, and when it was acknowledged or seen. */
  describe(slot: number): string {
    const held = this.#writes[slot]!;
    const what = held >= 0 ? `write ${held}` : held === Held.deleted ? 'a delete' : 'something';
    const at = new Date(this.#wallEpoch + this.#times[slot]!).toISOString();
    return `${what}, known since ${at} at revision ${this.#revisions[slot]}`;
  }

  onPutSent(key: number, write: number): void {
    if (write > this.latestWrite) this.latestWrite = write;
    const slot = this.keys.slotOf(key);
    if (slot >= 0 && !this.puts.add(slot, write)) this.#blur(slot);
  }

  onPutEnded(key: number, write: number, outcome: Outcome, revision: number, now: number): void {
    const slot = this.keys.slotOf(key);
    if (slot < 0) return;
    const place = this.puts.find(slot, write);
    const seenAt = place === 0 ? 0 : this.puts.seenAt(place);
    if (outcome === 'unknown') {
      this.unknownWrites += 1;
      if (place !== 0) this.puts.setUnknown(place);
      return;
    }
    if (place !== 0) this.puts.remove(slot, place);
    if (outcome === 'fail') {
      if (seenAt !== 0) this.findings.add('foreign-write', key, seenAt, `write ${write}: etcd refused it, and has it`);
      return;
    }
    this.checkedWrites += 1;
    if (seenAt !== 0 && seenAt !== revision)
      this.findings.add('wrong-revision', key, seenAt, `write ${write}: acknowledged with revision ${revision}`);
    this.settle(slot, revision, write, now);
    this.lastSlot = slot;
    this.listener?.onPut(slot, revision, write);
  }

  onDeleteSent(firstKey: number, endKey: number): void {
    if (this.deletes.add(firstKey, endKey)) return;
    this.#areDeletesBlurred = true;
    this.isOverflown = true;
  }

  onDeleteEnded(firstKey: number, endKey: number, outcome: Outcome, revision: number, now: number): void {
    if (outcome === 'unknown') {
      this.unknownWrites += 1;
      this.deletes.setUnknown(firstKey, endKey);
      return;
    }
    this.deletes.remove(firstKey, endKey);
    if (outcome === 'fail') return;
    const { keys, listener } = this;
    // Another one may have deleted them before.
    const isAlone = !this.#areDeletesBlurred && !this.deletes.overlaps(firstKey, endKey);
    for (let slot = keys.firstFrom(firstKey); slot < keys.count && keys.keyOf(slot) < endKey; slot += 1) {
      this.checkedWrites += 1;
      const isCertain = isAlone && this.#writes[slot]! >= 0 && this.#revisions[slot]! < revision;
      this.settle(slot, revision, Held.deleted, now);
      listener?.onDelete(slot, revision, isCertain);
    }
  }

  /** Something is known to be, or to have been, there. */
  settle(slot: number, revision: number, held: number, now: number): void {
    if (revision > this.latestRevision) this.latestRevision = revision;
    if (revision <= this.#revisions[slot]!) return;
    this.#revisions[slot] = revision;
    this.#writes[slot] = held;
    this.#times[slot] = now - this.#epoch;
  }

  /**
   * Judges a value at a revision that no acknowledgement is known for. Returns the number of its write, or one of
   * `Held`.
   */
  judgeNews(slot: number, revision: number, bytes: Buffer, start: number, end: number): number {
    const { codec, findings, puts } = this;
    const key = this.keys.keyOf(slot);
    const write = codec.read(bytes, start, end, key, this.latestWrite);
    if (write < 0) return this.#judgeSpoiled(slot, key, revision, codec.claimed(bytes, start, end, this.latestWrite));
    const place = puts.find(slot, write);
    if (place !== 0) {
      const seenAt = puts.seenAt(place);
      if (seenAt === 0) puts.setSeenAt(place, revision);
      else if (seenAt !== revision)
        findings.add('wrong-revision', key, revision, `write ${write}: it was at revision ${seenAt}, too`);
      return write;
    }
    if (write < this.#firstWrite) return Held.earlier;
    if (this.isBlurred(slot)) return write;
    const whose = write === this.#writes[slot] ? `, acknowledged with revision ${this.#revisions[slot]}` : '';
    findings.add(
      'foreign-write',
      key,
      revision,
      `the value of write ${write}${whose}, at a revision of none of our writes; now ${this.describe(slot)}`,
    );
    return Held.foreign;
  }

  /** No write of ours has this checksum. */
  #judgeSpoiled(slot: number, key: number, revision: number, claimed: number): number {
    const isNamed = claimed >= 0 && (claimed === this.#writes[slot] || this.puts.find(slot, claimed) !== 0);
    if (isNamed)
      this.findings.add('wrong-value', key, revision, `it says it is write ${claimed}, the checksum says it isn't`);
    else if (this.#revisions[slot] === 0 && !this.puts.hasAny(slot))
      this.findings.add('extra-key', key, revision, 'this driver never wrote it');
    else
      this.findings.add(
        'foreign-write',
        key,
        revision,
        `a value that is none of ours; expected ${this.describe(slot)}`,
      );
    return Held.foreign;
  }

  #blur(slot: number): void {
    this.#isBlurred[slot] = 1;
    this.isOverflown = true;
  }
}
