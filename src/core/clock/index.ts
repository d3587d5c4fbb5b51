export { askTimeServers } from './ask-time-servers.ts';
export type { ClockOffset, ClockReading } from './clock-reading.ts';
export { type ClockVerdict, type JudgeOptions, judgeClocks } from './judge-clocks.ts';
export { type MeasureClockOptions, measureClock } from './measure-clock.ts';
export { wallClockOffsetMs } from './wall-clock.ts';
