import { once } from 'node:events';
import { InputError } from '@etcdperf/core/errors';
import { chooseLeaseIds, grantLeases, revokeLeases } from '@etcdperf/core/leases';
import type { LoadPlan, LoadReport } from '@etcdperf/core/load';
import { operationModule } from '../../operations/operation-module.ts';
import { connectWire } from '../connect-wire.ts';
import type { BenchWork } from '../run-bench.ts';

export interface LeaseKeepaliveOptions {
  readonly leases: number;
  readonly ttlSeconds: number;
  /** `call`: a stream for each keepalive, as etcd's benchmark has it; `shared`: one for all of a connection. */
  readonly streams: 'call' | 'shared';
  readonly plan: LoadPlan;
}

/** What the report has beyond every other's. */
export interface LeaseKeepaliveExtra {
  readonly leases: {
    readonly count: number;
    readonly askedTtlSeconds: number;
    readonly grantedTtlSeconds: number;
    /** Undefined: they could not be revoked, and run out by themselves. */
    readonly revoked: number | undefined;
  };
}

export type LeaseKeepaliveReport = LoadReport & Partial<LeaseKeepaliveExtra>;

/**
 * Keepalives of a few leases in turn. They are granted before the load and revoked after it, however it ends. Throws
 * InputError for a rate at which they would run out between two keepalives.
 */
export function leaseKeepaliveWork(options: LeaseKeepaliveOptions): BenchWork<LeaseKeepaliveExtra> {
  const { leases, ttlSeconds, streams, plan } = options;
  const roundSeconds = plan.pace.kind === 'open' ? leases / plan.pace.ratePerSec : 0;
  if (roundSeconds >= ttlSeconds)
    throw new InputError(
      `at that rate each of ${leases} leases is kept alive every ${Number(roundSeconds.toPrecision(3))} s only, and runs out after ${ttlSeconds} s`,
      { where: '--leases, --rate, --ttl' },
    );
  const ids = chooseLeaseIds(leases);
  const module = operationModule(streams === 'call' ? 'lease-keepalive-operation' : 'lease-keepalive-stream-scenario');
  let grantedTtlSeconds = 0;
  let revoked: number | undefined;
  return {
    load: { kind: streams === 'call' ? 'operation' : 'scenario', module, options: ids },
    expects: { ttlSeconds },
    async prepare({ access, signal, onStep }) {
      onStep(`granting ${leases} leases`);
      await using client = await connectWire(access, signal);
      try {
        grantedTtlSeconds = await grantLeases(client, ids, ttlSeconds, signal);
      } catch (error) {
        await revokeLeases(client, ids).catch(() => undefined);
        throw error;
      }
    },
    async beside({ settings, onStep }, signal) {
      if (!signal.aborted) await once(signal, 'abort');
      onStep('revoking the leases');
      try {
        await using client = await connectWire(settings.access);
        revoked = await revokeLeases(client, ids);
      } catch {
        // The measurement is no worse for it; what is told is that they run out.
      }
    },
    conclude: async () => ({ leases: { count: leases, askedTtlSeconds: ttlSeconds, grantedTtlSeconds, revoked } }),
  };
}
