import type { DumpProgress } from '../services/dump/dump-settings.ts';

/** Quiet enough for a log, quick enough for a person. */
const EVERY_MS = 1000;

/** Tells how far a dump is, now and then. */
export function dumpProgress(onStep: (text: string) => void): (progress: DumpProgress) => void {
  let toldAt = performance.now();
  return ({ revision, keys, total }) => {
    const now = performance.now();
    if (now - toldAt < EVERY_MS) return;
    toldAt = now;
    // Whole percents: where lines stay there are a hundred at most.
    onStep(`reading at revision ${revision}: ${Math.floor((keys / total) * 100)} % of ${total} keys`);
  };
}
