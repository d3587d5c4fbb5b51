/** The steps of hosts:init and hosts:reset, in the order in which they are shown. */
export type StepName =
  | 'connect'
  | 'facts'
  | 'packages'
  | 'clock'
  | 'limits'
  | 'sysctls'
  | 'runtime'
  | 'etcd'
  | 'daemons'
  | 'settings'
  | 'files';

/**
 * What one step came to on one host. In a dry run `changed` means that it would change something, and `diff` shows
 * what. `detail` is for people: what was found, done or went wrong.
 */
export interface StepResult {
  readonly step: StepName;
  readonly status: 'ok' | 'changed' | 'failed' | 'skipped';
  readonly detail: string;
  readonly diff?: string;
}

/** A host is as bad as its worst step. */
export function worstStatus(steps: readonly StepResult[]): 'ok' | 'changed' | 'failed' {
  if (steps.some((step) => step.status === 'failed')) return 'failed';
  return steps.some((step) => step.status === 'changed') ? 'changed' : 'ok';
}
