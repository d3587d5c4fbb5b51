import { RevisionLog } from './watch-revision-log.ts';

/** What an event was to its watcher. */
export const Sighting = {
  /** It has that revision already. */
  duplicate: 0,
  /** It had not. */
  fresh: 1,
  /** Nobody who watches this range had it, nor was the write known: see `onWrite()`. */
  first: 2,
} as const;
export type Sighting = (typeof Sighting)[keyof typeof Sighting];

/** Exact counts of one watcher. Events that came are `delivered` + `duplicated`. */
export interface WatcherCounts {
  /** Different events that it has, late ones included. */
  readonly delivered: number;
  /** Known to have happened in its range, and never told to it. Before the end of a run: not told yet. */
  readonly missing: number;
  readonly duplicated: number;
  /** Of `delivered`: after one with a higher revision. */
  readonly reordered: number;
  /** Compacted away before it could have them: told by etcd, so neither delivered nor missing. */
  readonly compacted: number;
}

/**
 * Who has seen what, by revision: every watcher of a range must see each write to it once and in order, whichever way
 * the write became known, by its acknowledgement or because any watcher saw it. Of a transaction that writes several
 * keys of a range, only the first event of each watcher counts.
 *
 * An event in order costs a comparison. What is held follows how far the slowest watcher is behind, not how many
 * events there were.
 */
export class WatchLedger {
  readonly #logs: RevisionLog[];
  readonly #watchersOf: Int32Array[];
  readonly #rangeOf: Int32Array;
  /** Of each watcher: the position that it waits for. */
  readonly #position: Float64Array;
  readonly #delivered: Float64Array;
  readonly #duplicated: Float64Array;
  readonly #reordered: Float64Array;
  readonly #compacted: Float64Array;
  /** Up to which revision compaction took what a watcher had not seen. */
  readonly #compactedTo = new Map<number, number>();
  /** Of watchers that went on without an event: the revisions, to tell a late one from a second one. */
  readonly #passed = new Map<number, Set<number>>();
  #remembered = 0;
  /** Writes that were told and are not yet in their range's log. */
  readonly #pending: number[][];
  readonly #pendingRanges = new Set<number>();
  readonly #touched = new Set<number>();
  #expectedCount = 0;
  #deliveredCount = 0;
  #compactedCount = 0;
  #duplicatedCount = 0;
  #reorderedCount = 0;
  #latest = 0;
  #guardRevision = 0;
  #guardSequence = -1;

  /**
   * @param rangeOf of each watcher, the number of the range that it watches
   * @param ranges how many ranges there are
   */
  constructor(rangeOf: readonly number[] | Int32Array, ranges: number) {
    this.#rangeOf = Int32Array.from(rangeOf);
    this.#logs = Array.from({ length: ranges }, () => new RevisionLog());
    const watchers: number[][] = Array.from({ length: ranges }, () => []);
    this.#rangeOf.forEach((range, watcher) => {
      watchers[range]!.push(watcher);
    });
    this.#watchersOf = watchers.map((list) => Int32Array.from(list));
    this.#pending = Array.from({ length: ranges }, () => []);
    const count = this.#rangeOf.length;
    this.#position = new Float64Array(count);
    this.#delivered = new Float64Array(count);
    this.#duplicated = new Float64Array(count);
    this.#reordered = new Float64Array(count);
    this.#compacted = new Float64Array(count);
  }

  /** Of all watchers, what they must have of the writes that are known. */
  get expected(): number {
    return this.#expectedCount;
  }

  get delivered(): number {
    return this.#deliveredCount;
  }

  get duplicated(): number {
    return this.#duplicatedCount;
  }

  get reordered(): number {
    return this.#reorderedCount;
  }

  get compacted(): number {
    return this.#compactedCount;
  }

  /** After `settle()`: what is still to come, if anything is. */
  get missing(): number {
    return this.#expectedCount - this.#deliveredCount - this.#compactedCount;
  }

  /** An event came to a watcher. What it has already is counted by `onDuplicate()`. */
  onEvent(watcher: number, revision: number): Sighting {
    const range = this.#rangeOf[watcher]!;
    const log = this.#logs[range]!;
    const position = this.#position[watcher]!;
    if (position < log.end) {
      if (log.at(position) !== revision) return this.#onUnusual(watcher, log, revision);
      this.#position[watcher] = position + 1;
      this.#deliveredCount += 1;
      this.#delivered[watcher]! += 1;
      return Sighting.fresh;
    }
    if (revision <= log.last) return this.#onUnusual(watcher, log, revision);
    this.#append(range, log, revision);
    this.#position[watcher] = position + 1;
    this.#deliveredCount += 1;
    this.#delivered[watcher]! += 1;
    return Sighting.first;
  }

  /** A watcher was told a second time what it has. */
  onDuplicate(watcher: number): void {
    this.#duplicated[watcher]! += 1;
    this.#duplicatedCount += 1;
  }

  /** A write is known to have happened. Told as often as one likes; `settle()` takes it over. */
  onWrite(range: number, revision: number): void {
    this.#pending[range]!.push(revision);
    this.#pendingRanges.add(range);
    if (revision > this.#latest) this.#latest = revision;
  }

  /** etcd has compacted what the watcher had not seen, up to this revision. */
  onGap(watcher: number, toRevision: number): void {
    this.#compactedTo.set(watcher, Math.max(toRevision, this.#compactedTo.get(watcher) ?? 0));
    this.#touched.add(this.#rangeOf[watcher]!);
  }

  /**
   * Takes over what was told, and forgets what every watcher has. To be called now and then, and before counts are
   * read.
   *
   * @param begun how many writes have begun so far
   * @param oldestOpen the number, from 0, of the oldest write whose outcome is open; `begun` if none is
   */
  settle(begun: number, oldestOpen: number): void {
    for (const range of this.#pendingRanges) {
      const log = this.#logs[range]!;
      for (const revision of this.#pending[range]!.toSorted((a, b) => a - b)) this.#know(range, log, revision);
      this.#pending[range] = [];
    }
    this.#pendingRanges.clear();
    for (const watcher of this.#compactedTo.keys()) this.#passCompacted(watcher);
    // A write that has begun by now may have any revision so far: what is later is not final before its outcome is.
    if (oldestOpen < this.#guardSequence) return;
    for (const range of this.#touched) if (this.#trim(range)) this.#touched.delete(range);
    this.#guardRevision = this.#latest;
    this.#guardSequence = begun;
  }

  /** After `settle()`. */
  countsOf(watcher: number): WatcherCounts {
    const log = this.#logs[this.#rangeOf[watcher]!]!;
    return {
      delivered: this.#delivered[watcher]!,
      missing: log.end - this.#position[watcher]! + (this.#passed.get(watcher)?.size ?? 0),
      duplicated: this.#duplicated[watcher]!,
      reordered: this.#reordered[watcher]!,
      compacted: this.#compacted[watcher]!,
    };
  }

  /** How many revisions are held, for all ranges together: grows with how far watchers are behind. */
  get held(): number {
    return this.#logs.reduce((sum, log) => sum + log.end - log.start, 0) + this.#remembered;
  }

  #append(range: number, log: RevisionLog, revision: number): void {
    log.append(revision);
    this.#touched.add(range);
    this.#expectedCount += this.#watchersOf[range]!.length;
    if (revision > this.#latest) this.#latest = revision;
  }

  /** A revision belongs into the log, wherever. */
  #know(range: number, log: RevisionLog, revision: number): void {
    if (revision > log.last) {
      this.#append(range, log, revision);
      return;
    }
    // Trimmed only when nothing new could be found out about it.
    if (revision <= log.trimmed) return;
    const at = log.find(revision);
    if (log.at(at) !== revision) this.#insert(range, log, at, revision);
  }

  #insert(range: number, log: RevisionLog, at: number, revision: number): void {
    log.insert(at, revision);
    this.#touched.add(range);
    this.#expectedCount += this.#watchersOf[range]!.length;
    for (const watcher of this.#watchersOf[range]!) {
      if (this.#position[watcher]! <= at) continue;
      this.#position[watcher]! += 1;
      this.#pass(watcher, revision);
    }
  }

  /** Not the event that the watcher waited for. */
  #onUnusual(watcher: number, log: RevisionLog, revision: number): Sighting {
    const range = this.#rangeOf[watcher]!;
    let sighting: Sighting = Sighting.fresh;
    if (revision > log.trimmed) {
      let at = log.find(revision);
      if (at === log.end) {
        this.#append(range, log, revision);
        sighting = Sighting.first;
      } else if (log.at(at) !== revision) {
        this.#insert(range, log, at, revision);
        sighting = Sighting.first;
      }
      at = log.find(revision);
      if (at >= this.#position[watcher]!) {
        for (let i = this.#position[watcher]!; i < at; i += 1) this.#pass(watcher, log.at(i));
        this.#position[watcher] = at + 1;
        this.#deliveredCount += 1;
        this.#delivered[watcher]! += 1;
        return sighting;
      }
    }
    if (!this.#recall(watcher, revision)) return Sighting.duplicate;
    this.#reordered[watcher]! += 1;
    this.#reorderedCount += 1;
    this.#deliveredCount += 1;
    this.#delivered[watcher]! += 1;
    return sighting;
  }

  /** The watcher goes on without this revision. */
  #pass(watcher: number, revision: number): void {
    if (revision <= (this.#compactedTo.get(watcher) ?? 0)) {
      this.#compacted[watcher]! += 1;
      this.#compactedCount += 1;
      return;
    }
    let passed = this.#passed.get(watcher);
    if (passed === undefined) {
      passed = new Set();
      this.#passed.set(watcher, passed);
    }
    passed.add(revision);
    this.#remembered += 1;
  }

  /** Whether the watcher had gone on without it; it has it now. */
  #recall(watcher: number, revision: number): boolean {
    const wasPassed = this.#passed.get(watcher)?.delete(revision) ?? false;
    if (wasPassed) this.#remembered -= 1;
    return wasPassed;
  }

  #passCompacted(watcher: number): void {
    const log = this.#logs[this.#rangeOf[watcher]!]!;
    const to = this.#compactedTo.get(watcher)!;
    while (this.#position[watcher]! < log.end && log.at(this.#position[watcher]!) <= to) {
      this.#pass(watcher, log.at(this.#position[watcher]!));
      this.#position[watcher]! += 1;
    }
  }

  /** Returns whether nothing of the range is left to be trimmed. */
  #trim(range: number): boolean {
    const log = this.#logs[range]!;
    let to = log.find(this.#guardRevision + 1);
    for (const watcher of this.#watchersOf[range]!) to = Math.min(to, this.#position[watcher]!);
    log.trim(to);
    return log.start === log.end;
  }
}
