import { type ClockReading, judgeClocks, measureClock } from '@etcdperf/core/clock';
import type { Inventory, InventoryHost } from '@etcdperf/core/config';
import { type Executor, fanOut } from '@etcdperf/core/ssh';
import { assessHost } from './assess-host.ts';
import { describeVerdict } from './describe-clock.ts';
import { describeError } from './describe-error.ts';
import { executorOf } from './executor-of.ts';
import { gatherFacts, type HostFacts } from './host-facts.ts';

export interface CheckOptions {
  readonly inventory: Inventory;
  readonly hosts: readonly InventoryHost[];
  /** Of `hosts`, in any order. */
  readonly executors: readonly Executor[];
  readonly forks: number;
  readonly signal: AbortSignal;
}

/**
 * `ready`: nothing is missing. `unprepared`: hosts:init can supply what `missing` lists. `unusable`: it can't be
 * reached, or lacks what hosts:init doesn't supply (`problems`).
 */
export type HostCheck =
  | {
      readonly host: string;
      readonly status: 'ready' | 'unprepared' | 'unusable';
      readonly groups: readonly string[];
      readonly facts: HostFacts;
      readonly clock: ClockReading;
      readonly problems: readonly string[];
      readonly missing: readonly string[];
    }
  | {
      readonly host: string;
      readonly status: 'unusable';
      readonly groups: readonly string[];
      readonly problems: readonly string[];
    };

export interface CheckResult {
  readonly hosts: readonly HostCheck[];
}

/** Looks at hosts, all at once, and changes nothing. Never rejects because of a host. */
export async function checkHosts(options: CheckOptions): Promise<CheckResult> {
  const { inventory, hosts, executors, forks, signal } = options;
  const { workDir, clock: wanted } = inventory;
  const results = await fanOut(
    hosts,
    async (host) => {
      const servers = wanted.servers.map(({ address }) => address);
      const facts = await gatherFacts(executorOf(executors, host.name), workDir, signal);
      return { facts, clock: await measureClock(executorOf(executors, host.name), { servers, signal }) };
    },
    { forks, signal },
  );
  signal.throwIfAborted();
  const measured = results.flatMap((result) => (result.status === 'ok' ? [result.value.clock] : []));
  const verdicts = judgeClocks(measured, { maxOffsetMs: wanted.maxOffsetMs, mustFollow: wanted.source === 'chrony' });
  return {
    hosts: results.map((result, index): HostCheck => {
      const host = hosts[index]!;
      const { name, groups } = host;
      if (result.status === 'failed') {
        return { host: name, status: 'unusable', groups, problems: [describeError(result.error)] };
      }
      const { facts, clock } = result.value;
      const wrongClock = describeVerdict(verdicts[measured.indexOf(clock)]!);
      const { problems, missing } = assessHost(facts, inventory, host);
      if (wrongClock) missing.push(`clock: ${wrongClock}`);
      const status = problems.length > 0 ? 'unusable' : missing.length > 0 ? 'unprepared' : 'ready';
      return { host: name, status, groups, facts, clock, problems, missing };
    }),
  };
}
