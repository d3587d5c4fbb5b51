// The light parts of oclif: its main index loads everything, which every start would pay for.
export * as Args from '@oclif/core/args';
export * as Flags from '@oclif/core/flags';
export { parseDuration } from '../config/index.ts';
export { BaseCommand } from './base-command.ts';
export { clusterAccessFrom, clusterQuestion } from './cluster-access-from.ts';
export { type ClusterFlagValues, clusterFlags } from './cluster-flags.ts';
export { durationFlag } from './duration-flag.ts';
export { type ErrorReport, errorReport, renderErrorReport } from './error-report.ts';
export { exitCodeOf } from './exit-code-of.ts';
export { findInventory, requireInventory } from './find-inventory.ts';
export { dryRunFlag, hostFlags, inventoryFlags } from './flags.ts';
export { loadFlags, planFlags, reportFlags, targetFlags, targetFrom } from './load-flags.ts';
export { loadPlanFrom, type PlanFlagValues } from './load-plan-from.ts';
export { openProgress, type Progress, silentProgress } from './progress.ts';
export { readFlagFile } from './read-flag-file.ts';
export { type RenderLoadOptions, renderFinding, renderLoadReport } from './render-load-report.ts';
export { chooseRunsDir, runsDirFlag, startRun } from './run-folder-flags.ts';
export { type Column, renderTable } from './table.ts';
