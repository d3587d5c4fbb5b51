export { abortReason } from './abort-reason.ts';
export { type ErrorDetails, EtcdperfError } from './etcdperf-error.ts';
export { InputError, type InputProblem } from './input-error.ts';
export { InterruptedError } from './interrupted-error.ts';
export { didYouMean, nearestName } from './nearest-name.ts';
export { OperationError } from './operation-error.ts';
