import { setTimeout as sleep } from 'node:timers/promises';
import { OperationError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { ClusterHealth } from './cluster-health.ts';
import { lookAtMembers } from './look-at-members.ts';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told what is still missing, whenever that changes. */
  readonly onStep?: ((text: string) => void) | undefined;
  /** Asked now and then while a member doesn't answer; throws when waiting longer is of no use (it has ended). */
  readonly stillHopeful?: () => Promise<void>;
}

const LOOK_EVERY_MS = 50;
const LOOK_MS = 1000;
/** Asking hosts takes processor time from the members that are starting there. */
const HOPE_EVERY_MS = 1000;

/** Waits until every endpoint is healthy and all follow one leader. Throws OperationError at the limit. */
export async function waitHealthy(access: ClusterAccess, options: WaitOptions): Promise<ClusterHealth> {
  const { timeoutMs, signal, onStep, stillHopeful } = options;
  const deadline = performance.now() + timeoutMs;
  let hopeAt = performance.now() + HOPE_EVERY_MS;
  for (;;) {
    const { health } = await lookAtMembers(access, { timeoutMs: LOOK_MS, signal });
    if (health.healthy) return health;
    const well = health.endpoints.filter((endpoint) => endpoint.healthy).length;
    onStep?.(
      `waiting for health: ${well} of ${health.endpoints.length} members${health.leader === undefined ? ', no leader yet' : ''}`,
    );
    const isDown = health.endpoints.some(({ status }) => status.kind === 'down');
    if (isDown && performance.now() >= hopeAt) {
      await stillHopeful?.();
      hopeAt = performance.now() + HOPE_EVERY_MS;
    }
    if (performance.now() >= deadline)
      throw new OperationError(`not healthy after ${timeoutMs / 1000} s: ${health.problems.join('; ')}`, {
        where: access.endpoints.join(', '),
      });
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}
