import type { WriteObserver } from '../verify/write-observer.ts';

/** Two that are told of writes, as one. */
export function bothObservers(one: WriteObserver, other: WriteObserver): WriteObserver {
  return {
    onPutSent(key, write) {
      one.onPutSent(key, write);
      other.onPutSent(key, write);
    },
    onPutEnded(key, write, outcome, revision, now, startedAt) {
      one.onPutEnded(key, write, outcome, revision, now, startedAt);
      other.onPutEnded(key, write, outcome, revision, now, startedAt);
    },
    onDeleteSent(firstKey, endKey) {
      one.onDeleteSent(firstKey, endKey);
      other.onDeleteSent(firstKey, endKey);
    },
    onDeleteEnded(firstKey, endKey, outcome, revision, now, startedAt) {
      one.onDeleteEnded(firstKey, endKey, outcome, revision, now, startedAt);
      other.onDeleteEnded(firstKey, endKey, outcome, revision, now, startedAt);
    },
  };
}
