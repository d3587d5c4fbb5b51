export { type CreateRunOptions, createRun } from './create-run.ts';
export type { RunManifest, RunStatus } from './manifest.ts';
export { Run } from './run.ts';
