// The light parts of oclif: its main index loads everything, which every start would pay for.
export * as Args from '@oclif/core/args';
export * as Flags from '@oclif/core/flags';
export { BaseCommand } from './base-command.ts';
export { type ErrorReport, errorReport, renderErrorReport } from './error-report.ts';
export { findInventory, requireInventory } from './find-inventory.ts';
export { dryRunFlag, hostFlags, inventoryFlags } from './flags.ts';
export { openProgress, type Progress, silentProgress } from './progress.ts';
export { type Column, renderTable } from './table.ts';
