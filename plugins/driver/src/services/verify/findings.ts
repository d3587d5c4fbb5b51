import type { PatternSpace } from '@etcdperf/core/workload';
import type { FindingKind, VerificationFinding, VerificationGap } from './verification-report.ts';

/** What was told before is not told again, of so many. */
const MOST_REMEMBERED = 100_000;

/** What is wrong: all of it is counted, the first of it kept. */
export class Findings {
  readonly list: VerificationFinding[] = [];
  readonly counts: Partial<Record<FindingKind, number>> = {};
  readonly gaps: VerificationGap[] = [];
  gapCount = 0;
  readonly #space: PatternSpace;
  readonly #most: number;
  readonly #clock: () => number;
  readonly #told = new Set<string>();

  /** @param clock now, as Date.now() has it */
  constructor(space: PatternSpace, most: number, clock: () => number = Date.now) {
    this.#space = space;
    this.#most = most;
    this.#clock = clock;
  }

  /** The same of the same key and revision counts once, however many saw it. */
  add(kind: FindingKind, key: number, revision: number, detail: string): void {
    const identity = `${kind} ${key} ${revision}`;
    if (this.#told.has(identity)) return;
    if (this.#told.size < MOST_REMEMBERED) this.#told.add(identity);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    if (this.list.length >= this.#most) return;
    this.list.push({ kind, key: this.nameOf(key), revision, at: this.#now(), detail });
  }

  addGap(watcher: number, fromRevision: number, toRevision: number): void {
    this.gapCount += 1;
    if (this.gaps.length < this.#most) this.gaps.push({ watcher, fromRevision, toRevision, at: this.#now() });
  }

  nameOf(key: number): string {
    const bytes = Buffer.alloc(this.#space.maxKeyBytes);
    return bytes.toString('utf8', 0, this.#space.writeKey(bytes, 0, key));
  }

  #now(): string {
    return new Date(this.#clock()).toISOString();
  }
}
