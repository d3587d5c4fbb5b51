import { abortReason } from '../errors/index.ts';
import { ConnectError } from './ssh-error.ts';

/** Only making a connection is tried again, never a command. Waits 0.2 s, 0.4 s, 0.8 s, …, give or take half. */
export async function retryConnect<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConnectError) || tries > error.retries) throw error;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, 100 * 2 ** tries * (0.5 + Math.random()));
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    if (signal?.aborted) throw abortReason(signal);
  }
}
