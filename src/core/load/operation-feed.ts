import type { TemplateCalls, TemplateFiller } from '../wire/index.ts';
import type { LoadOperation, LoadRequest } from './load-operation.ts';
import type { PartGoal } from './mixed-load.ts';

/** Kinds that a load may have: the tag of a request is its sequence number times this, plus its kind. */
export const MOST_KINDS = 16;

/** Hands an operation's requests to whichever connection of the thread can take one, and numbers them. */
export class OperationFeed implements TemplateFiller {
  readonly operation: LoadOperation;
  /** Of the operation's kinds among those of all parts of a mixed load. */
  readonly firstKind: number;
  readonly #goal: PartGoal | undefined;
  /** Chosen by the operation and not sent yet. */
  #chosen: LoadRequest | undefined;
  #sequence = 0;

  constructor(operation: LoadOperation, firstKind = 0, goal?: PartGoal) {
    this.operation = operation;
    this.firstKind = firstKind;
    this.#goal = goal;
  }

  /** What `send()` will send; undefined while there is nothing. */
  get next(): LoadRequest | undefined {
    return this.#chosen ?? this.#choose();
  }

  /** Sends the next request; `calls.canSend()` has said yes to its template. */
  send(calls: TemplateCalls, startedAt: number): void {
    const { template, kind } = this.next!;
    this.#chosen = undefined;
    const tag = this.#sequence * MOST_KINDS + kind + this.firstKind;
    this.#sequence += 1;
    calls.send(template, startedAt, tag, this);
  }

  /** The next request will never be sent; the operation chooses another. Returns its kind. */
  skip(): number {
    const kind = this.next?.kind ?? 0;
    this.#chosen = undefined;
    return kind;
  }

  fill(bytes: Buffer, at: number, tag: number, startedAt: number): void {
    this.operation.fill(bytes, at, sequenceOf(tag), startedAt);
  }

  #choose(): LoadRequest | undefined {
    if (this.#goal?.hasNext === false) return undefined;
    this.#chosen = this.operation.next();
    return this.#chosen;
  }
}

/** Among the kinds of all parts. */
export function kindOf(tag: number): number {
  return tag & (MOST_KINDS - 1);
}

export function sequenceOf(tag: number): number {
  return Math.floor(tag / MOST_KINDS);
}
