import { OperationError } from '@etcdperf/core/errors';
import { WireError } from '@etcdperf/core/wire';
import { CompactedError } from './compacted-error.ts';
import type { KeySpan } from './key-span.ts';

export interface RefusedRead {
  readonly span: KeySpan;
  readonly revision: number;
  /** Who asked, if by name. */
  readonly user: string | undefined;
}

/** What a failed read means to a person: which revision is gone, which prefix may not be read. Else the error itself. */
export function explainRefusal(error: unknown, { span, revision, user = 'the user' }: RefusedRead): unknown {
  if (!(error instanceof WireError)) return error;
  const { where } = error;
  if (error.reason === 'compacted') return new CompactedError(revision, { where, cause: error });
  if (error.reason !== 'permission-denied') return error;
  const what = span.prefix.length === 0 ? 'all keys' : `the keys below '${span.prefix.toString()}'`;
  return new OperationError(`${user} may not read ${what}`, {
    where,
    cause: error,
    hint: `etcdctl role grant-permission ROLE read ${span.prefix.length === 0 ? "--from-key ''" : `--prefix=true '${span.prefix.toString()}'`} allows it`,
  });
}
