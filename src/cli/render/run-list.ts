import { renderTable } from '@etcdperf/core/cli';
import type { RunList, RunListEntry } from '../services/run-list.ts';
import { wallTime } from './wall-time.ts';

export function renderRunList({ runsDir, runs }: RunList): string {
  if (runs.length === 0) return `no runs in ${runsDir}`;
  return renderTable<RunListEntry>(
    [
      { title: 'run', value: (run) => run.id },
      { title: 'command', value: (run) => run.command },
      // Whether its process still runs or was killed can't be told from the folder.
      { title: 'status', value: (run) => (run.status === 'running' ? 'unfinished' : run.status) },
      { title: 'took', align: 'right', value: (run) => (run.durationMs === undefined ? '' : wallTime(run.durationMs)) },
      { title: 'title', value: (run) => run.title ?? '' },
    ],
    runs,
  );
}
