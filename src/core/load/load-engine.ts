import { InputError } from '../errors/index.ts';
import type { ClusterAccess } from '../etcd/index.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadSource } from './load-source.ts';
import { checkPlan } from './share-plan.ts';
import { ThreadEngine } from './thread-engine.ts';
import { ThreadedEngine } from './threaded-engine.ts';
import type { WorkSource } from './work-source.ts';

export interface LoadEngineOptions {
  /** Connection `i` goes to endpoint `i`, modulo their number; where that can't be reached, to the next that can. */
  readonly access: ClusterAccess;
  readonly plan: LoadPlan;
  readonly work: WorkSource;
}

/**
 * Makes a load as planned: in a closed loop or at a rate, over many connections, in one thread or several. What is lost on
 * the way is counted and not sent again; connections come back by themselves. Throws InputError for an impossible plan.
 */
export function openLoadEngine(options: LoadEngineOptions): LoadSource {
  const { plan, work } = options;
  checkPlan(plan);
  if (plan.threads === 1) return new ThreadEngine({ ...options, index: 0 });
  if (work.kind === 'instance') throw new InputError('this load is made in one thread only');
  return new ThreadedEngine(options);
}
