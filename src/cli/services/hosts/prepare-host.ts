import { type ClockReading, measureClock } from '@etcdperf/core/clock';
import type { InventoryHost } from '@etcdperf/core/config';
import { ConnectError, ConnectionLostError } from '@etcdperf/core/ssh';
import { planChrony } from './chrony-config.ts';
import { setByNtp, setUpChrony } from './clock-step.ts';
import { describeError } from './describe-error.ts';
import { executorOf } from './executor-of.ts';
import { gatherFacts, type HostFacts } from './host-facts.ts';
import type { HostPreparation, InitOptions } from './init-hosts.ts';
import { setLimits, setSysctls } from './limits-step.ts';
import { installPackages } from './packages-step.ts';
import { recordDir } from './record-dir.ts';
import { bringEtcd, bringRuntime, etcdVersions, needsRuntime } from './runtime-steps.ts';
import { type StepName, type StepResult, worstStatus } from './step.ts';

/** Where hosts wait for each other. */
export interface ClockOrder {
  readonly beforeClock: () => Promise<unknown>;
  readonly afterClock: () => void;
}

/** All steps on one host. Throws only where the host can't be looked at at all, or the work is aborted. */
export async function prepareHost(
  host: InventoryHost,
  options: InitOptions,
  order: ClockOrder,
): Promise<HostPreparation> {
  const { inventory, signal, onStep } = options;
  const { workDir, limits } = inventory;
  const executor = executorOf(options.executors, host.name);
  const facts = await gatherFacts(executor, workDir, signal);
  const rootPlan = facts.root ? 'apply' : 'plan';
  const mode = options.dryRun ? 'plan' : 'apply';
  const rootMode = options.dryRun ? 'plan' : rootPlan;
  const record = recordDir(workDir);

  const steps: StepResult[] = [];
  let lost = false;
  /** A step that fails lets the others go on, unless the connection is gone. */
  const run = async (step: StepName, work: () => Promise<StepResult>): Promise<boolean> => {
    if (lost) {
      steps.push({ step, status: 'skipped', detail: 'the connection is gone' });
      return false;
    }
    onStep?.(`${host.name}: ${step}`);
    try {
      steps.push(await work());
    } catch (error) {
      signal.throwIfAborted();
      lost = error instanceof ConnectError || error instanceof ConnectionLostError;
      steps.push({ step, status: 'failed', detail: describeError(error as Error) });
    }
    return steps.at(-1)?.status !== 'failed';
  };
  const asRoot = (work: () => Promise<StepResult>) => async () => needRoot(await work(), facts, options.dryRun);

  steps.push({ step: 'facts', status: 'ok', detail: describeFacts(facts) });
  const wantsChrony = inventory.clock.source === 'chrony';
  const packages = await run(
    'packages',
    asRoot(() =>
      installPackages(executor, facts, { mode: rootMode, record, install: options.install, wantsChrony, signal }),
    ),
  );
  await order.beforeClock();
  let clock: ClockReading | undefined;
  await run('clock', async () => {
    const servers = inventory.clock.servers.filter((server) => server.host !== host.name).map(({ address }) => address);
    const result =
      wantsChrony && !packages
        ? ({ step: 'clock', status: 'skipped', detail: 'no chrony' } as const)
        : await asRoot(() => setClock(rootMode, servers))();
    clock = await measureClock(executor, { servers, signal });
    return result;
  });
  order.afterClock();
  const limitOptions = { mode: rootMode, record, workDir, signal } as const;
  await run(
    'limits',
    asRoot(() => setLimits(executor, limits, limitOptions)),
  );
  await run(
    'sysctls',
    asRoot(() => setSysctls(executor, limits, limitOptions)),
  );
  await run('runtime', async () => {
    if (!needsRuntime(inventory, host))
      return { step: 'runtime', status: 'skipped', detail: 'neither masters nor agents' };
    return bringRuntime(executor, options.bundles, { mode, workDir, signal });
  });
  await run('etcd', async () => {
    const versions = etcdVersions(inventory, host);
    if (versions.length === 0) return { step: 'etcd', status: 'skipped', detail: 'no member of a cluster' };
    const onDownload = (version: string) => onStep?.(`downloading etcd ${version}`);
    return bringEtcd(executor, versions, { mode, workDir, signal, onDownload, present: facts.etcd });
  });
  return { host: host.name, status: worstStatus(steps), steps, ...(clock && { clock }) };

  async function setClock(clockMode: 'plan' | 'apply', servers: readonly string[]): Promise<StepResult> {
    const step = 'clock';
    const { source, maxOffsetMs } = inventory.clock;
    if (source === 'none') return { step, status: 'ok', detail: 'left alone' };
    const clockOptions = { mode: clockMode, record, maxOffsetMs, signal };
    const installing = options.install && !facts.tools.includes('ntpdate') && !facts.tools.includes('sntp');
    if (facts.tools.includes('chronyd') || installing) {
      return setUpChrony(executor, planChrony(inventory, host), clockOptions);
    }
    if (servers.length === 0) return { step, status: 'failed', detail: 'no chrony, and no servers to ask' };
    const now = await measureClock(executor, { servers, signal });
    if (now.source === 'ntp' && Math.abs(now.offsetMs) <= maxOffsetMs)
      return { step, status: 'ok', detail: 'set by NTP' };
    return setByNtp(executor, servers, clockOptions);
  }
}

/** Without root only looking was possible: what would have to change is a failure. */
function needRoot(result: StepResult, facts: HostFacts, dryRun: boolean): StepResult {
  if (facts.root || dryRun || result.status !== 'changed') return result;
  const hint = facts.sudo ? 'set become: sudo for this host' : `${facts.user} has no sudo: log in as another user`;
  return { ...result, status: 'failed', detail: `${result.detail}: needs root (${hint})` };
}

function describeFacts(facts: HostFacts): string {
  const memory = `${(facts.memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  return `${facts.os}, ${facts.kernel}, ${facts.arch}, ${facts.cpus} CPUs, ${memory}`;
}
