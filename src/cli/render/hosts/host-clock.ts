import { renderTable } from '@etcdperf/core/cli';
import type { ClocksResult } from '../../services/hosts/clock-hosts.ts';
import { renderMs } from '../../services/hosts/describe-clock.ts';

/** Offsets as a table; a positive one is a clock that is ahead. */
export function renderHostsClock(result: ClocksResult): string {
  const clockOf = (row: ClocksResult['hosts'][number]) => (row.status === 'failed' ? undefined : row.clock);
  const table = renderTable(
    [
      { title: 'host', value: (row) => row.host },
      { title: 'status', value: (row) => row.status },
      { title: 'source', value: (row) => clockOf(row)?.source ?? '-' },
      { title: 'reference', value: (row) => clockOf(row)?.reference ?? '-' },
      { title: 'offset', align: 'right', value: (row) => ms(clockOf(row)?.offsetMs) },
      { title: 'error bar', align: 'right', value: (row) => ms(clockOf(row)?.errorBarMs) },
      {
        title: 'from here',
        align: 'right',
        value: (row) => {
          const comparison = clockOf(row)?.comparison;
          return comparison ? `${renderMs(comparison.offsetMs)} ± ${renderMs(comparison.errorBarMs)}` : '-';
        },
      },
      { title: 'problem', value: (row) => row.problem?.split('\n')[0] ?? '' },
    ],
    result.hosts,
  );
  const wrong = result.hosts.filter((host) => host.status !== 'ok').length;
  const limit = `limit ${renderMs(result.maxOffsetMs)}`;
  const { here } = result;
  const own = here
    ? `\nthis machine: ${renderMs(here.offsetMs)} off ${here.reference}, error bar ${renderMs(here.errorBarMs)}`
    : '';
  return `${table}${own}\n\n${wrong === 0 ? `all clocks within the ${limit}` : `${wrong} of ${result.hosts.length} not as they should be; ${limit}`}`;
}

function ms(value: number | undefined): string {
  return value === undefined ? '-' : renderMs(value);
}
