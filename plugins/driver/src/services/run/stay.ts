import type { DriverContext } from '../driver-context.ts';

/** Until a signal comes. */
export function stay({ signal, onStep }: DriverContext): Promise<void> {
  onStep('done; staying until a signal comes');
  // A signal alone keeps no process.
  const alive = setInterval(() => undefined, 2 ** 30);
  return new Promise((resolve) => {
    const leave = () => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}
