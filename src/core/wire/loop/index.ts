export type { TimerEntry, TimerWheel } from './timer-wheel.ts';
export { READ_MARGIN, WireLoop } from './wire-loop.ts';
