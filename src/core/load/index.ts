// Load, from what is sent to what is said of it:
// - a `LoadOperation` (or, with promises, a `LoadScenario`) chooses requests; `openLoadEngine` sends them as a `LoadPlan`
//   says, over connections and threads, and is a `LoadSource`. `openMixedLoad` sends several at once over the same
//   connections, each at its own pace. A service with streams of its own is a source, too;
// - `preflight` looks at the cluster before the first request;
// - `runLoad` drives the source, appends each interval to the run folder and makes the `LoadReport`, which core/cli
//   renders (`renderLoadReport`) and turns into an exit code (`exitCodeOf`).
export { combineLoadSources } from './combine-load-sources.ts';
export { type IntervalSample, SAMPLE_CSV_HEADER, type SeriesSample, sampleCsv } from './interval-sample.ts';
export { type LoadEngineOptions, openLoadEngine } from './load-engine.ts';
export type {
  LoadOperation,
  LoadRequest,
  OperationFactory,
  OperationSource,
  RequestFailure,
  RequestKind,
} from './load-operation.ts';
export type { LoadEnd, LoadPlan, Pace, ThreadShare } from './load-plan.ts';
export type {
  GeneratorReport,
  LoadEnding,
  LoadReport,
  MissedRate,
  SeriesReport,
} from './load-report.ts';
export type { LoadScenario, ScenarioFactory, ScenarioSource, ScenarioStep } from './load-scenario.ts';
export type { ErrorCount, LoadFigures, LoadPhase, LoadSource } from './load-source.ts';
export { type MeasureLoadOptions, measureLoad } from './measure-load.ts';
export type { DueQueue, LoadPart, MixedLoadOptions, PartGoal, PartPace } from './mixed-load.ts';
export { openMixedLoad } from './open-mixed-load.ts';
export { writePerfdashReport } from './perfdash-report.ts';
export { type Finding, type PreflightOptions, preflight } from './preflight.ts';
export type { ReadRange } from './preflight-requests.ts';
export { parseRate } from './rate.ts';
export { type RunLoadOptions, runLoad } from './run-load.ts';
export { secondSamplesCsv } from './second-samples.ts';
export { type Outcome, Series, type SeriesJson } from './series.ts';
export {
  type CountedOutcome,
  parseThreshold,
  type Threshold,
  type ThresholdMetric,
  type ThresholdResult,
} from './threshold.ts';
export type { InstanceSource, WorkSource } from './work-source.ts';
