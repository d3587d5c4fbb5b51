import { InputError } from '../errors/index.ts';
import type { LoadOperation, OperationFactory, OperationSource } from './load-operation.ts';
import type { ThreadShare } from './load-plan.ts';
import type { LoadScenario, ScenarioFactory, ScenarioSource } from './load-scenario.ts';
import { MOST_KINDS } from './operation-feed.ts';

/** An operation that lives in this thread, so that its maker can share state with it: for one thread only. */
export interface InstanceSource {
  readonly kind: 'instance';
  readonly operation: LoadOperation;
}

/** What a load is to do. */
export type WorkSource = OperationSource | ScenarioSource | InstanceSource;

/** The same, made for one thread. */
export type Work =
  | { readonly kind: 'operation'; readonly operation: LoadOperation }
  | { readonly kind: 'scenario'; readonly scenario: LoadScenario };

/** Makes a thread's instance. Rejects with what the factory throws. */
export async function makeWork(source: WorkSource, share: ThreadShare): Promise<Work> {
  const work = await instantiate(source, share);
  const { kinds } = work.kind === 'operation' ? work.operation : work.scenario;
  if (kinds.length === 0 || kinds.length > MOST_KINDS)
    throw new InputError(`a load has 1 to ${MOST_KINDS} kinds of requests, not ${kinds.length}`);
  return work;
}

async function instantiate(source: WorkSource, share: ThreadShare): Promise<Work> {
  switch (source.kind) {
    case 'instance':
      return { kind: 'operation', operation: source.operation };
    case 'operation': {
      const { default: make } = (await import(source.module)) as { default: OperationFactory };
      return { kind: 'operation', operation: await make(source.options, share) };
    }
    case 'scenario': {
      const { default: make } = (await import(source.module)) as { default: ScenarioFactory };
      return { kind: 'scenario', scenario: await make(source.options, share) };
    }
    default:
      return source satisfies never;
  }
}
