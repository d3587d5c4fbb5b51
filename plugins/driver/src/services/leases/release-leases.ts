import type { ClusterAccess } from '@etcdperf/core/etcd';
import { type LeaseLedger, listLeases, RevokeOperation } from '@etcdperf/core/leases';
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
  try {
    await engine.prepare(signal);
    await engine.run(signal, () => undefined);
  } catch {
    // The list tells what is left.
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
