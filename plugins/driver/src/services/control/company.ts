import { InputError } from '@etcdperf/core/errors';
import type { Finding } from '@etcdperf/core/load';
import type { WireClient } from '@etcdperf/core/wire';
import { type DriverRecord, describeDriver } from './driver-record.ts';
import { isSameHierarchy } from './hierarchy.ts';
import { listDrivers } from './list-drivers.ts';

export interface CompanyQuestion {
  readonly client: WireClient;
  /** Whose company it is: registered or not yet. */
  readonly record: DriverRecord;
  /** It belongs there: it doesn't load, or did before, or was told to. */
  readonly isWelcome: boolean;
  readonly signal: AbortSignal;
}

/**
 * Looks for drivers on the same hierarchy that registered before this one. Throws InputError where there is one, and this
 * one doesn't belong there; else tells of it.
 */
export async function findCompany({ client, record, isWelcome, signal }: CompanyQuestion): Promise<readonly Finding[]> {
  const drivers = await listDrivers(client, signal);
  const own = drivers.find(({ id }) => id === record.id);
  const first = drivers.find(
    (other) =>
      other.id !== record.id &&
      other.createRevision < (own?.createRevision ?? Number.POSITIVE_INFINITY) &&
      other.clusterId === record.clusterId &&
      isSameHierarchy(other.firstKey, record.firstKey),
  );
  if (first === undefined) return [];
  const message = `${describeDriver(first)} works on the same hierarchy, ${first.firstKey}`;
  if (isWelcome) return [{ kind: 'other', message: `${message}: so does this one` }];
  throw new InputError(message, {
    hint: 'wait for its end (etcdperf driver:stop), use another pattern, or --skip-init to work beside it',
  });
}
