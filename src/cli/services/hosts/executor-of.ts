import type { Executor } from '@etcdperf/core/ssh';

/** The executor of one host among those of all chosen ones. */
export function executorOf(executors: readonly Executor[], host: string): Executor {
  const found = executors.find((executor) => executor.name === host);
  if (found === undefined) throw new Error(`${host} is not among the chosen hosts`);
  return found;
}
