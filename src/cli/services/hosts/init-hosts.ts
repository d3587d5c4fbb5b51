import type { ClockReading } from '@etcdperf/core/clock';
import type { Inventory, InventoryHost } from '@etcdperf/core/config';
import type { Bundle } from '@etcdperf/core/runtime';
import { type Executor, fanOut } from '@etcdperf/core/ssh';
import { describeClock, judgePreparation } from './describe-clock.ts';
import { describeError } from './describe-error.ts';
import { prepareHost } from './prepare-host.ts';
import { type StepResult, worstStatus } from './step.ts';

export interface InitOptions {
  readonly inventory: Inventory;
  readonly hosts: readonly InventoryHost[];
  /** Of `hosts`, in any order. */
  readonly executors: readonly Executor[];
  /** What the plugins run on hosts. */
  readonly bundles: readonly Bundle[];
  readonly dryRun: boolean;
  /** Whether chrony may be installed where it is missing. */
  readonly install: boolean;
  readonly forks: number;
  readonly signal: AbortSignal;
  /** Told what is being done. */
  readonly onStep?: ((text: string) => void) | undefined;
}

/** What preparing one host came to. */
export interface HostPreparation {
  readonly host: string;
  readonly status: 'ok' | 'changed' | 'failed';
  readonly steps: readonly StepResult[];
  readonly clock?: ClockReading;
}

export interface InitResult {
  readonly dryRun: boolean;
  readonly hosts: readonly HostPreparation[];
}

/**
 * Prepares hosts: packages, clock, limits, kernel settings, runtime, etcd; each step finds out first what is already
 * so. One connection for each host; a host that fails stops no other, and a step that fails stops only those that need
 * it. Never rejects because of a host; aborted, it rejects with the signal's reason.
 */
export async function initHosts(options: InitOptions): Promise<InitResult> {
  const { inventory, forks, signal, onStep } = options;
  const served = new Map(
    inventory.clock.servers.flatMap((server) => (server.host ? [[server.host, Promise.withResolvers<void>()]] : [])),
  );
  // Time servers first: the others wait for them, and must not hold all forks while they do.
  const serves = (host: InventoryHost) => served.has(host.name);
  const hosts = [...options.hosts].sort((a, b) => Number(serves(b)) - Number(serves(a)));
  const chosen = new Set(hosts.map((host) => host.name));
  const servers = [...served].filter(([name]) => chosen.has(name)).map(([, ready]) => ready.promise);
  let done = 0;
  const results = await fanOut(
    hosts,
    async (host) => {
      const ready = served.get(host.name);
      try {
        return await prepareHost(host, options, {
          beforeClock: () => (ready ? Promise.resolve() : Promise.all(servers)),
          afterClock: () => ready?.resolve(),
        });
      } finally {
        ready?.resolve();
      }
    },
    {
      forks,
      signal,
      onResult: ({ host }) => {
        done += 1;
        onStep?.(`prepared ${done} of ${hosts.length} hosts (${host})`);
      },
    },
  );
  signal.throwIfAborted();
  const prepared = results.map((result): HostPreparation => {
    if (result.status === 'ok') return result.value;
    const step: StepResult = { step: 'connect', status: 'failed', detail: describeError(result.error) };
    return { host: result.host, status: 'failed', steps: [step] };
  });
  const judged = judgePreparation(prepared, inventory.clock).map((host): HostPreparation => {
    const steps = host.steps.map((step) => (step.step === 'clock' ? describeClock(step, host.clock) : step));
    return { ...host, steps, status: worstStatus(steps) };
  });
  const order = options.hosts.map((host) => host.name);
  return {
    dryRun: options.dryRun,
    hosts: judged.sort((a, b) => order.indexOf(a.host) - order.indexOf(b.host)),
  };
}
