import { EtcdperfError } from '@etcdperf/core/errors';
import type { DriverRunSite } from './driver-run-site.ts';

/** Something could not be written to the run folder: the run goes on. Told once. */
export function tellUnwritten({ unwritten, context }: DriverRunSite, error: Error): void {
  const where = error instanceof EtcdperfError && error.where !== undefined ? `${error.where}: ` : '';
  unwritten.push(`${where}${error.message}`);
  if (unwritten.length === 1) context.onInfo(`warning: ${unwritten[0]}; the run goes on, and its summary is shown`);
}
