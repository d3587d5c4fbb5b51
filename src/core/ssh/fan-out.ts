import pLimit from 'p-limit';
import { abortReason } from '../errors/index.ts';

/** What one host's part of a fan-out came to. */
export type FanOutResult<T> =
  | { readonly host: string; readonly status: 'ok'; readonly value: T; readonly durationMs: number }
  | { readonly host: string; readonly status: 'failed'; readonly error: Error; readonly durationMs: number };

export interface FanOutOptions<T> {
  /** How many hosts are worked on at once. Default 64. */
  readonly forks?: number | undefined;
  /** Hosts not begun when it aborts are failed with its reason; begun ones get it from the work itself. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each result as it comes. */
  readonly onResult?: ((result: FanOutResult<T>) => void) | undefined;
}

/** One operation on many hosts at once. Never rejects because of a host: every one has a result, in the given order. */
export async function fanOut<Host extends { readonly name: string }, T>(
  hosts: readonly Host[],
  work: (host: Host) => Promise<T>,
  options: FanOutOptions<T> = {},
): Promise<FanOutResult<T>[]> {
  const { forks = 64, signal, onResult } = options;
  const limit = pLimit(forks);
  const one = async (host: Host): Promise<FanOutResult<T>> => {
    const startedAt = performance.now();
    const durationMs = () => performance.now() - startedAt;
    try {
      if (signal?.aborted) throw abortReason(signal);
      const value = await work(host);
      return { host: host.name, status: 'ok', value, durationMs: durationMs() };
    } catch (error) {
      return { host: host.name, status: 'failed', error: error as Error, durationMs: durationMs() };
    }
  };
  return Promise.all(
    hosts.map((host) =>
      limit(async () => {
        const result = await one(host);
        onResult?.(result);
        return result;
      }),
    ),
  );
}
