import { InputError } from '../errors/index.ts';
import type { LoadSource } from './load-source.ts';
import { MixedEngine, RECONNECT } from './mixed-engine.ts';
import type { MixedLoadOptions } from './mixed-load.ts';
import { MOST_KINDS } from './operation-feed.ts';
import { checkPlan } from './share-plan.ts';

/**
 * Several loads at the same time over the same connections, in this thread, each at its own pace. Its series are those
 * of all parts' kinds, and `reconnect`: from the loss of a connection, or the beginning of its planned renewal, until
 * there is a new one. Of each part with a rate there are the counters `late.<kind>` and `dropped.<kind>`, named after
 * its first kind. At the end of the load queues are emptied, as long as etcd goes on answering (interrupted: for as long
 * as answers are waited for). Throws InputError for an impossible plan.
 */
export function openMixedLoad(options: MixedLoadOptions): LoadSource {
  const { plan, parts, reconnectAfter = 0 } = options;
  if (parts.length === 0) throw new InputError('a mixed load needs a part');
  for (const { pace } of parts) {
    const planPace = pace.kind === 'open' ? pace : { kind: 'closed' as const };
    const clients = pace.kind === 'open' ? 1 : pace.clients;
    checkPlan({ ...plan, pace: planPace, clients, threads: 1 });
  }
  if (!(reconnectAfter >= 0)) throw new InputError(`a connection can't be renewed after ${reconnectAfter} requests`);
  const names = parts.flatMap(({ operation }) => operation.kinds.map(({ name }) => name));
  if (names.length > MOST_KINDS)
    throw new InputError(`a load has up to ${MOST_KINDS} kinds of requests, not ${names.length}`);
  const twice = [...names, RECONNECT].find((name, index, all) => all.indexOf(name) !== index);
  if (twice !== undefined) throw new InputError(`two parts of a load call their requests ${twice}`);
  return new MixedEngine(options);
}
