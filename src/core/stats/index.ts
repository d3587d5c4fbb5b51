export { LatencyRecorder, type LatencySummary, type RecorderJson } from './latency-recorder.ts';
