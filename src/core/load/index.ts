export { type LoadEngineOptions, openLoadEngine } from './load-engine.ts';
export type {
  LoadOperation,
  LoadRequest,
  OperationFactory,
  OperationSource,
  RequestKind,
} from './load-operation.ts';
export type { LoadEnd, LoadPlan, Pace, ThreadShare } from './load-plan.ts';
export type {
  GeneratorReport,
  LatencyFigures,
  LoadEnding,
  LoadReport,
  SeriesReport,
} from './load-report.ts';
export type { LoadScenario, ScenarioFactory, ScenarioSource, ScenarioStep } from './load-scenario.ts';
export type { ErrorCount, LoadFigures, LoadPhase, LoadSource } from './load-source.ts';
export type { Finding } from './preflight.ts';
export { type Outcome, Series, type SeriesJson } from './series.ts';
export type { Threshold, ThresholdMetric, ThresholdResult } from './threshold.ts';
export type { InstanceSource, WorkSource } from './work-source.ts';
