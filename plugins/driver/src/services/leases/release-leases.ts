import type { ClusterAccess } from '@etcdperf/core/etcd';
import { type LeaseLedger, LeaseState, listLeases, RevokeOperation } from '@etcdperf/core/leases';
import { openLoadEngine } from '@etcdperf/core/load';
import { WireClient } from '@etcdperf/core/wire';
import { leasePlan } from './lease-plan.ts';

/** What became of leases at the end. */
export interface LeaseRelease {
  readonly revoked: number;
  /** There still, as etcd's list says, or else as far as is known: nobody keeps them alive any more. */
  readonly left: number;
}

interface ReleaseOptions {
  readonly access: ClusterAccess;
  readonly connections: number;
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** So long without a single one: nobody is there. */
const STALL_MS = 15_000;
/** A request that met a member on its way down is tried again. */
const TRIES = 3;

/** Revokes all of the ledger's leases that there are. Never rejects: what is left is counted. */
export async function releaseLeases(ledger: LeaseLedger, options: ReleaseOptions): Promise<LeaseRelease> {
  let numbers = ledger.existing();
  const before = numbers.length;
  for (let tried = 0; tried < TRIES && numbers.length > 0 && !options.signal.aborted; tried += 1) {
    await revoke(ledger, numbers, options);
    numbers = (await listLeft(ledger, options)) ?? ledger.existing();
  }
  return { revoked: before - numbers.length, left: numbers.length };
}

async function revoke(ledger: LeaseLedger, numbers: Int32Array, options: ReleaseOptions): Promise<void> {
  const { access, signal } = options;
  const plan = leasePlan(numbers.length, undefined, options);
  const operation = new RevokeOperation(ledger, numbers);
  await using engine = openLoadEngine({ access, plan, work: { kind: 'instance', operation } });
  const stalled = new AbortController();
  let gone = 0;
  const watching = setInterval(() => {
    if (ledger.count(LeaseState.gone) === gone) stalled.abort();
    gone = ledger.count(LeaseState.gone);
  }, STALL_MS);
  try {
    const either = AbortSignal.any([signal, stalled.signal]);
    await engine.prepare(either);
    await engine.run(either, () => undefined);
  } catch {
    // The list tells what is left.
  } finally {
    clearInterval(watching);
  }
}

/** Undefined: nobody answers. */
async function listLeft(ledger: LeaseLedger, { access, timeoutMs, signal }: ReleaseOptions) {
  try {
    await using client = await WireClient.connect({ ...access, requestTimeoutMs: timeoutMs }, signal);
    return await listLeases(client, ledger, signal);
  } catch {
    return undefined;
  }
}
