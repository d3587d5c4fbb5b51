import { OperationError } from '@etcdperf/core/errors';
import { WireError } from '@etcdperf/core/wire';
import { keyText } from '../key-text.ts';
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
  const prefix = keyText(span.prefix);
  const isAll = span.prefix.length === 0;
  return new OperationError(`${user} may not read ${isAll ? 'all keys' : `the keys below '${prefix}'`}`, {
    where,
    cause: error,
    hint: `name prefixes that may be read, or allow it: etcdctl role grant-permission ROLE read --prefix '${prefix}'`,
  });
}
