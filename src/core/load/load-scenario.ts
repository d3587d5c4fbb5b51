import type { WireClient } from '../wire/index.ts';
import type { RequestKind } from './load-operation.ts';
import type { ThreadShare } from './load-plan.ts';

/** What a step of a scenario is told. */
export interface ScenarioStep {
  /** Its caller's number among all callers, from 0. */
  readonly client: number;
  /** Counts the steps of this thread from 0. */
  readonly sequence: number;
  /** Intended start, by performance.now(). */
  readonly startedAt: number;
  readonly signal: AbortSignal;
}

/**
 * Work of several dependent requests (a transaction that is tried again, a range read page by page), written with
 * promises. Paced, counted and recorded as operations are; dearer for each request.
 */
export interface LoadScenario {
  readonly kinds: readonly RequestKind[];
  /** One unit of work. Resolves with the index of its kind when all of it is done; rejects with a WireError. */
  step(client: WireClient, step: ScenarioStep): Promise<number>;
  counters?(): Readonly<Record<string, number>>;
  /** After the last step, while the clients still stand: gives back what steps left behind (leases, locks). */
  close?(): Promise<void>;
}

/** As `OperationSource`, for a module whose default export is a `ScenarioFactory<Options>`. */
export interface ScenarioSource<Options = unknown> {
  readonly kind: 'scenario';
  readonly module: string;
  readonly options: Options;
}

export type ScenarioFactory<Options = unknown> = (
  options: Options,
  share: ThreadShare,
) => LoadScenario | Promise<LoadScenario>;
