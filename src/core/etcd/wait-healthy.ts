import { setTimeout as sleep } from 'node:timers/promises';
import { OperationError } from '../errors/index.ts';
import type { ClusterHealth } from './cluster-health.ts';
import type { ControlClient } from './control-client.ts';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told what is still missing, whenever that changes. */
  readonly onStep?: ((text: string) => void) | undefined;
  /** Asked between looks; throws when waiting longer is of no use (a member has ended). */
  readonly stillHopeful?: () => Promise<void>;
}

const LOOK_EVERY_MS = 150;

/** Waits until every endpoint of the client is healthy and all follow one leader. Throws OperationError at the limit. */
export async function waitHealthy(client: ControlClient, options: WaitOptions): Promise<ClusterHealth> {
  const { timeoutMs, signal, onStep, stillHopeful } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const health = await client.health(1000);
    signal?.throwIfAborted();
    if (health.healthy) return health;
    const well = health.endpoints.filter((endpoint) => endpoint.healthy).length;
    onStep?.(
      `waiting for health: ${well} of ${health.endpoints.length} members${health.leader === undefined ? ', no leader yet' : ''}`,
    );
    await stillHopeful?.();
    if (Date.now() >= deadline)
      throw new OperationError(`not healthy after ${timeoutMs / 1000} s: ${health.problems.join('; ')}`, {
        where: client.endpoints.join(', '),
      });
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}
