import { setTimeout } from 'node:timers/promises';
import { EtcdperfError } from '@etcdperf/core/errors';
import type { ClusterAccess, Target } from '@etcdperf/core/etcd';
import { openLive } from '../live/open-live.ts';
import { type KeyChurn, keyChurn } from './key-churn.ts';

export interface ChurnRequest {
  readonly access: ClusterAccess;
  readonly target: Target;
  readonly prefixes: readonly Buffer[];
  readonly durationMs: number;
  /** So many keys are told. */
  readonly top: number;
  /** Of one request. */
  readonly timeoutMs: number;
}

export interface ChurnContext {
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
  /** Rejects when the signal is aborted. Default: by the clock. */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

export type ChurnResult =
  | ({ readonly kind: 'measured' } & KeyChurn)
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Waits, and compares the keys of before with those of then: both are read in the end, each at the revision of its
 * moment, so that neither has to be remembered. Where the first is compacted away meanwhile, it fails. Never rejects
 * with an error of etcd's or for an interruption.
 */
export async function measureChurn(
  { access, target, prefixes, durationMs, top, timeoutMs }: ChurnRequest,
  { signal, onStep, wait = sleep }: ChurnContext,
): Promise<ChurnResult> {
  const live = { access, target, prefixes, keysOnly: true, timeoutMs, signal };
  try {
    await using before = await openLive(live);
    const begun = performance.now();
    onStep(`waiting ${durationMs / 1000} s for what is written`);
    await wait(durationMs, signal);
    await using after = await openLive(live);
    const seconds = (performance.now() - begun) / 1000;
    onStep('comparing the keys of both moments');
    return { kind: 'measured', ...(await keyChurn(before, after, { seconds, top, signal })) };
  } catch (error) {
    if (signal.aborted) return { kind: 'interrupted' };
    if (!(error instanceof EtcdperfError)) throw error;
    return { kind: 'failed', message: error.message };
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return setTimeout(ms, undefined, { signal });
}
