export { type CreateRunOptions, createRun } from './create-run.ts';
export type { RunManifest, RunStatus } from './manifest.ts';
export { readEvents } from './read-events.ts';
export { Run } from './run.ts';
export { findRun, latestRun, listRuns, openRun, type RunFolder } from './run-folder.ts';
