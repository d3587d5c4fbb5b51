/** A signal that follows another one. */
export interface LateSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** Aborted so long after another signal is; disposed of, never. */
export function someTimeAfter(earlier: AbortSignal, ms: number): LateSignal {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => late.abort(), ms);
  };
  if (earlier.aborted) begin();
  else earlier.addEventListener('abort', begin);
  return {
    signal: late.signal,
    [Symbol.dispose]() {
      earlier.removeEventListener('abort', begin);
      clearTimeout(timer);
    },
  };
}
