import { renderTable } from '@etcdperf/core/cli';
import type { StoppedDriver, StopReport } from '../services/control/stop-drivers.ts';

/** A line for each driver, and what became of the end key. */
export function renderStop({ endKey, drivers, isCleared }: StopReport): string {
  const key = isCleared
    ? `${endKey} is deleted again`
    : `${endKey} stays true: no driver begins until driver:stop --clear`;
  if (drivers.length === 0) return `no driver runs\n${key}`;
  const counted = (name: string) => (driver: StoppedDriver) =>
    driver.status === 'confirmed' ? (driver.counters[name] ?? 0) : '';
  const table = renderTable<StoppedDriver>(
    [
      { title: 'driver', value: ({ name }) => name },
      { title: 'host', value: ({ host }) => host },
      { title: 'pid', align: 'right', value: ({ pid }) => pid },
      { title: 'since', value: ({ startedAt }) => startedAt },
      { title: 'result', value: resultOf },
      { title: 'puts', align: 'right', value: counted('puts') },
      { title: 'deletes', align: 'right', value: counted('deletes') },
      { title: 'gets', align: 'right', value: counted('gets') },
    ],
    drivers,
  );
  return `${table}\n\n${key}`;
}

function resultOf(driver: StoppedDriver): string {
  switch (driver.status) {
    case 'confirmed':
      return `ended (${driver.ending})`;
    case 'gone':
      return 'gone without a summary';
    case 'running':
      return `still running (${driver.phase})`;
    default:
      return driver satisfies never;
  }
}
