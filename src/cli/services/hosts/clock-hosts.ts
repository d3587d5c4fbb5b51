import { askTimeServers, type ClockReading, judgeClocks, measureClock } from '@etcdperf/core/clock';
import type { Inventory, InventoryHost } from '@etcdperf/core/config';
import { type Executor, fanOut } from '@etcdperf/core/ssh';
import { stepClock } from './clock-step.ts';
import { describeVerdict } from './describe-clock.ts';
import { describeError } from './describe-error.ts';
import { executorOf } from './executor-of.ts';

export interface ClockOptions {
  readonly inventory: Inventory;
  readonly hosts: readonly InventoryHost[];
  /** Of `hosts`, in any order. */
  readonly executors: readonly Executor[];
  /** Step the clocks first. */
  readonly sync: boolean;
  /** Also ask the inventory's time servers about this machine. */
  readonly hereByNtp?: boolean;
  readonly forks: number;
  readonly signal: AbortSignal;
}

export type HostClock =
  | {
      readonly host: string;
      /** `wrong`: beyond the limit, or not synchronised though it should be; `problem` says which. */
      readonly status: 'ok' | 'wrong';
      readonly clock: ClockReading;
      readonly problem?: string;
    }
  | { readonly host: string; readonly status: 'failed'; readonly problem: string };

export interface ClocksResult {
  readonly maxOffsetMs: number;
  readonly hosts: readonly HostClock[];
  /** This machine, where that was asked for. */
  readonly here?: ClockReading;
}

/** Measures the clocks of hosts, all at once, and judges them together. Never rejects because of a host. */
export async function clockHosts(options: ClockOptions): Promise<ClocksResult> {
  const { inventory, hosts, executors, sync, forks, signal } = options;
  const { maxOffsetMs, source } = inventory.clock;
  const here = options.hereByNtp
    ? await askTimeServers(inventory.clock.servers.map((server) => server.address))
    : undefined;
  const results = await fanOut(
    hosts,
    async (host) => {
      const servers = inventory.clock.servers
        .filter((server) => server.host !== host.name)
        .map(({ address }) => address);
      const refused = sync ? await stepClock(executorOf(executors, host.name), servers, signal) : undefined;
      return { refused, clock: await measureClock(executorOf(executors, host.name), { servers, signal }) };
    },
    { forks, signal },
  );
  signal.throwIfAborted();
  const measured = results.flatMap((result) => (result.status === 'ok' ? [result.value.clock] : []));
  const verdicts = judgeClocks(measured, { maxOffsetMs, mustFollow: source === 'chrony' });
  return {
    maxOffsetMs,
    ...(here && { here }),
    hosts: results.map((result): HostClock => {
      const { host } = result;
      if (result.status === 'failed') return { host, status: 'failed', problem: describeError(result.error) };
      const { clock, refused } = result.value;
      const verdict = describeVerdict(verdicts[measured.indexOf(clock)]!);
      // Where the clock is right anyway, a refused step is no matter.
      const problem = verdict && [verdict, refused && `could not be stepped: ${refused}`].filter(Boolean).join('; ');
      return { host, status: problem ? 'wrong' : 'ok', clock, ...(problem && { problem }) };
    }),
  };
}
