import { type ErrorDetails, EtcdperfError } from './etcdperf-error.ts';

/** One thing that is wrong with what the user gave. */
export interface InputProblem {
  readonly message: string;
  /** `file:line:column`, a flag's name, or a key's path. */
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
}

/** The input was wrong and nothing was touched: exit 2. Carries every problem found, not only the first. */
export class InputError extends EtcdperfError {
  readonly exitCode = 2;
  readonly problems: readonly InputProblem[];

  constructor(message: string, details: ErrorDetails & { readonly problems?: readonly InputProblem[] } = {}) {
    super(message, details);
    this.problems = details.problems ?? [];
  }
}
