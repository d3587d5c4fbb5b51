import { OperationError } from '@etcdperf/core/errors';
import type { WireClient } from '@etcdperf/core/wire';
import type { StateStore } from './driver-state.ts';
import { parseDriverState } from './parse-driver-state.ts';

/** A state as one key of the control cluster. */
export function etcdStateStore(client: WireClient, key: string): StateStore {
  const place = `${key} at ${client.endpoint}`;
  return {
    place,
    howToForget: `delete the key ${key} (of a run that is over: etcdperf driver:stop --clear)`,
    async read(signal) {
      const value = (await client.range(key, { signal })).kvs[0]?.value;
      return value === undefined ? undefined : parseDriverState(value.toString('utf8'), place);
    },
    async write(state, fence) {
      const put = { kind: 'put', key, value: JSON.stringify(state) } as const;
      const { succeeded } = await client.txn({ compare: fence, success: [put] });
      if (!succeeded) throw new OperationError('the registration is gone', { where: place });
    },
  };
}
