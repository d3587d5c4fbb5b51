import type { Run } from '@etcdperf/core/runs';
import type { TroubledWatcher, WatchFigures } from './watch-figures.ts';

/** The file of a run folder with a line for each watcher that did not have every event once and in order. */
export const watchersFile = 'watchers.jsonl';

/** Writes that file, if there is anything to write. */
export function tellTroubled(
  run: Run,
  figures: (tell: (watcher: TroubledWatcher) => void) => WatchFigures,
): WatchFigures {
  const lines: string[] = [];
  const made = figures((watcher) => void lines.push(`${JSON.stringify(watcher)}\n`));
  if (lines.length > 0) run.writeText(watchersFile, lines.join(''));
  return made;
}
