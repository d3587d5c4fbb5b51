import { EtcdperfError } from './etcdperf-error.ts';
import { InterruptedError } from './interrupted-error.ts';

/** What to throw for an aborted signal: its reason where that is one of our errors, else an `InterruptedError`. */
export function abortReason(signal: AbortSignal): EtcdperfError {
  return signal.reason instanceof EtcdperfError ? signal.reason : new InterruptedError();
}
