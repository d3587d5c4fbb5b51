import { abortReason, OperationError } from '../errors/index.ts';
import type { WaitOptions } from './kube.ts';

/**
 * Runs `watch` until `check` says `{ done }` of what it tells. Throws what either throws, and OperationError with what
 * was awaited last after `timeoutMs`.
 */
export async function waitUntil<Items, R>(
  watch: (onChange: (items: Items) => void, signal: AbortSignal) => Promise<void>,
  check: (items: Items) => { readonly done: R } | string,
  { timeoutMs, signal, onState, where, over }: WaitOptions & { readonly where: string; readonly over: AbortSignal },
): Promise<R> {
  const end = new AbortController();
  const isOver = AbortSignal.any([end.signal, ...(signal === undefined ? [] : [signal])]);
  let awaited = '';
  let result: { readonly done: R } | undefined;
  const timer = setTimeout(() => end.abort(), timeoutMs);
  try {
    await watch((items) => {
      if (isOver.aborted) return;
      const verdict = check(items);
      if (typeof verdict !== 'string') {
        result = verdict;
        end.abort();
      } else if (verdict !== awaited) {
        awaited = verdict;
        onState?.(verdict);
      }
    }, isOver);
  } finally {
    clearTimeout(timer);
  }
  if (result !== undefined) return result.done;
  for (const ended of [signal, over]) if (ended?.aborted) throw abortReason(ended);
  throw new OperationError(`not within ${timeoutMs / 1000} s: ${awaited}`, { where });
}
