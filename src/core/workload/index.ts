export { checkLevels } from './check-levels.ts';
export { completeWorkload } from './complete-workload.ts';
export { databaseGrowth } from './database-growth.ts';
export type { KeyDistribution, KeySource, KeySpace } from './key-source.ts';
export { makeKeySource } from './make-key-source.ts';
export { makeValueSource } from './make-value-source.ts';
export { mergeWorkload } from './merge-workload.ts';
export { type KeyShare, makeNumberChooser, type NumberChooser } from './number-chooser.ts';
export { parseKeyDistribution } from './parse-key-distribution.ts';
export { parseValueKind } from './parse-value-kind.ts';
export { explainPattern, type PatternExplanation } from './pattern/explain-pattern.ts';
export { openPatternSpace, type PatternSpaceOptions } from './pattern/open-pattern-space.ts';
export { parsePattern } from './pattern/parse-pattern.ts';
export type { Pattern } from './pattern/pattern.ts';
export type { PatternLevel, PatternSpace, PatternValues } from './pattern/pattern-space.ts';
export { printPattern } from './pattern/print-pattern.ts';
export { Random } from './random.ts';
export { Scatter } from './scatter.ts';
export type { ValueKind, ValueSource } from './value-source.ts';
export type {
  HeldLeases,
  RangeReads,
  SubtreeChurn,
  TreeWatches,
  Verification,
  WatcherCount,
  Workload,
} from './workload.ts';
export type { WorkloadParts } from './workload-parts.ts';
