import type { CandidateConfig, CandidateEvent } from '../../protocol/index.ts';
import type { ProcessContext } from '../process-context.ts';
import type { Office } from './office.ts';
import type { Vacancy } from './vacancy.ts';

/** A candidate's event without its time and name. */
export type CandidateNews = CandidateEvent extends infer E
  ? E extends CandidateEvent
    ? Omit<E, 'tNs' | 'identity'>
    : never
  : never;

export interface CandidateContext extends ProcessContext {
  readonly config: CandidateConfig;
  readonly identity: string;
  /** Writes an event; `atUs` if it happened before now. */
  tell(news: CandidateNews, atUs?: number): void;
}

/** An office won, and the vacancy it ended. */
export interface Won {
  readonly office: Office;
  readonly vacancy: Vacancy;
}
