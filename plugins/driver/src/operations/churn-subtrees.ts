import type { LoadOperation, LoadRequest, Outcome, PartGoal } from '@etcdperf/core/load';
import { KvScan, Method } from '@etcdperf/core/wire';
import type { WriteParts } from './key-puts.ts';
import { NodeRanges } from './node-ranges.ts';
import { OpenRequests } from './open-requests.ts';
import { RETRY_MS } from './retry.ts';
import type { RewriteKeys } from './rewrite-keys.ts';
import type { SubtreesInFlight } from './subtrees-in-flight.ts';
import type { TakenNodes } from './taken-nodes.ts';

const NONE = -1;

export interface ChurnSubtreesParts extends WriteParts {
  readonly level: number;
  /** Those that take part. */
  readonly nodes: TakenNodes;
  readonly inFlight: SubtreesInFlight;
  /** Writes what was deleted. */
  readonly rewrite: RewriteKeys;
  /** Deletions before this one were made, and what they deleted is written again. */
  readonly firstTurn: number;
}

/** Deletes one subtree after the other, each with all its keys at once; passes over those that are not whole again. */
export class ChurnSubtrees implements LoadOperation, PartGoal {
  readonly kinds = [{ name: 'churn delete', isWrite: true }];
  readonly isDone = false;
  readonly #parts: ChurnSubtreesParts;
  readonly #ranges: NodeRanges;
  readonly #request: LoadRequest;
  readonly #open = new OpenRequests();
  readonly #scan = new KvScan();
  /** Subtrees whose deletion may still come, since it had no answer; and its turn. */
  readonly #doubtful = new Map<number, number>();
  #turn: number;
  #node = NONE;
  #requests = 0;
  #keys = 0;

  constructor(parts: ChurnSubtreesParts) {
    this.#parts = parts;
    this.#ranges = new NodeRanges(Method.deleteRange, parts.space, Buffer.alloc(0));
    this.#request = { template: this.#ranges.template, kind: 0 };
    this.#turn = parts.firstTurn;
  }

  /** False while all that take part are to be written anew: the rate is too high for them, and is missed. */
  get hasNext(): boolean {
    return this.#node !== NONE || this.#parts.inFlight.size < this.#parts.nodes.count;
  }

  /** All deletions before this one are over, and what they deleted is written again. */
  get oldestTurn(): number {
    return Math.min(this.#turn, this.#parts.inFlight.oldestTurn());
  }

  next(): LoadRequest {
    if (this.#node !== NONE) return this.#request;
    const { nodes, inFlight, level } = this.#parts;
    let node = nodes.at(this.#turn);
    while (inFlight.has(node)) {
      this.#turn += 1;
      node = nodes.at(this.#turn);
    }
    inFlight.begin(node, this.#turn);
    this.#turn += 1;
    this.#node = node;
    this.#ranges.choose(level, node, true);
    return this.#request;
  }

  fill(bytes: Buffer, at: number, sequence: number): void {
    const { observer, inFlight } = this.#parts;
    this.#ranges.fill(bytes, at);
    this.#open.open(sequence, this.#node, this.#turn - 1);
    const firstKey = this.#node * inFlight.keysBelow;
    observer?.onDeleteSent(firstKey, firstKey + inFlight.keysBelow);
    this.#node = NONE;
  }

  onMessage(_kind: number, sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#scan.deletion(bytes, start, end);
    this.#open.setRevision(this.#open.slotOf(sequence), this.#scan.revision);
    this.#keys += this.#scan.deleted;
  }

  onOutcome(_kind: number, sequence: number, outcome: Outcome, startedAt: number, now: number): void {
    const { observer, inFlight, rewrite } = this.#parts;
    const slot = this.#open.slotOf(sequence);
    const node = this.#open.first(slot);
    const turn = this.#open.second(slot);
    const revision = outcome === 'ok' ? this.#open.revision(slot) : 0;
    this.#open.close(slot);
    const firstKey = node * inFlight.keysBelow;
    observer?.onDeleteEnded(firstKey, firstKey + inFlight.keysBelow, outcome, revision, now, startedAt);
    if (outcome === 'fail') {
      inFlight.end(node);
      return;
    }
    if (outcome === 'ok') this.#requests += 1;
    else this.#doubtful.set(node, turn);
    rewrite.add(firstKey, outcome === 'ok' ? now : now + RETRY_MS);
  }

  /** No more subtrees are deleted: one that was chosen stays, and those that may have been deleted late are written again. */
  end(now: number): void {
    const { inFlight, rewrite } = this.#parts;
    if (this.#node !== NONE) inFlight.end(this.#node);
    this.#node = NONE;
    for (const [node, turn] of this.#doubtful) {
      if (inFlight.has(node)) continue;
      inFlight.begin(node, turn);
      rewrite.add(node * inFlight.keysBelow, now);
    }
    this.#doubtful.clear();
  }

  counters(): Readonly<Record<string, number>> {
    return { deletes: this.#keys, clientDeletes: this.#requests };
  }
}
