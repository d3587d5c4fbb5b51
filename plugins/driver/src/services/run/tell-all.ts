import type { WriteObserver } from '../verify/write-observer.ts';

/** One observer that tells several; undefined where there is none. */
export function tellAll(observers: readonly (WriteObserver | undefined)[]): WriteObserver | undefined {
  const [first, second] = observers.filter((observer) => observer !== undefined);
  if (first === undefined || second === undefined) return first;
  return {
    onPutSent(key, write) {
      first.onPutSent(key, write);
      second.onPutSent(key, write);
    },
    onPutEnded(key, write, outcome, revision, now, startedAt) {
      first.onPutEnded(key, write, outcome, revision, now, startedAt);
      second.onPutEnded(key, write, outcome, revision, now, startedAt);
    },
    onDeleteSent(firstKey, endKey) {
      first.onDeleteSent(firstKey, endKey);
      second.onDeleteSent(firstKey, endKey);
    },
    onDeleteEnded(firstKey, endKey, outcome, revision, now, startedAt) {
      first.onDeleteEnded(firstKey, endKey, outcome, revision, now, startedAt);
      second.onDeleteEnded(firstKey, endKey, outcome, revision, now, startedAt);
    },
  };
}
