import { type ErrorDetails, OperationError } from '@etcdperf/core/errors';

/** What is wrong with a dump: it ends early, a row can't be read, its bytes aren't those that were written. */
export type DamageKind = 'cut-short' | 'bad-row' | 'differs';

/** A dump that isn't whole. What was read of it before may still be right. */
export class DamagedDumpError extends OperationError {
  readonly kind: DamageKind;
  /** Rows that could be read before, without the header. */
  readonly rows: number;

  constructor(message: string, details: ErrorDetails & { readonly kind: DamageKind; readonly rows: number }) {
    super(message, details);
    this.kind = details.kind;
    this.rows = details.rows;
  }
}
