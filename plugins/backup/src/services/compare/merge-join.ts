import type { KeyRecord } from '../../contents/key-record.ts';
import { KeyCursor } from './key-cursor.ts';

/** Two ascending streams of keys, and how many bytes each key begins with that the other side's hasn't. */
export interface JoinSide {
  readonly batches: AsyncIterable<readonly KeyRecord[]>;
  /** Left out where keys are compared. Default 0. */
  readonly skipBytes?: number;
}

export interface JoinVisitor {
  /** Called for each key, ascending, with what each side has of it. */
  visit(a: KeyRecord | undefined, b: KeyRecord | undefined): void;
  /** Called between two batches: what was put off until then. */
  settle?(): Promise<void> | undefined;
}

/** Walks both at once; memory is bounded by their batches. Rejects as they do. */
export async function mergeJoin(
  a: JoinSide,
  b: JoinSide,
  visitor: JoinVisitor,
): Promise<{ readonly keysOfA: number; readonly keysOfB: number }> {
  const ofA = new KeyCursor(a.batches);
  const ofB = new KeyCursor(b.batches);
  const [skipA, skipB] = [a.skipBytes ?? 0, b.skipBytes ?? 0];
  try {
    await Promise.all([ofA.load(), ofB.load()]);
    while (ofA.current !== undefined || ofB.current !== undefined) {
      const order = compareKeys(ofA.current?.key, skipA, ofB.current?.key, skipB);
      visitor.visit(order <= 0 ? ofA.current : undefined, order >= 0 ? ofB.current : undefined);
      const isDoneA = order <= 0 && !ofA.advance();
      const isDoneB = order >= 0 && !ofB.advance();
      if (isDoneA || isDoneB) await Promise.all([isDoneA && ofA.load(), isDoneB && ofB.load(), visitor.settle?.()]);
    }
    await visitor.settle?.();
  } finally {
    await Promise.allSettled([ofA.close(), ofB.close()]);
  }
  return { keysOfA: ofA.keys, keysOfB: ofB.keys };
}

/** Below 0: a comes first, or b has no more. */
function compareKeys(a: Buffer | undefined, skipA: number, b: Buffer | undefined, skipB: number): number {
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a.compare(b, skipB, b.length, skipA, a.length);
}
