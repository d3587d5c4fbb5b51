import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadEnd } from '@etcdperf/core/load';
import type { RangeSubject } from '../operations/range-operation.ts';
import { type KeyFlagValues, keysFrom } from './key-flags.ts';

/** Linearizable or serializable, as etcd's own tools spell it. */
export const consistencyFlag = {
  consistency: Flags.option({
    options: ['l', 's'] as const,
    description: 'linearizable: the leader is asked whether a read is fresh; serializable: the member answers alone',
    default: 'l' as const,
  })(),
};

type FixedSubject = Extract<RangeSubject, { kind: 'fixed' }>;

/** All keys there are. */
export const EVERYTHING: FixedSubject = { kind: 'fixed', range: { key: '', prefix: true } };

/** The keys that begin with `key`. */
export function prefixFrom(key: string): FixedSubject {
  return { kind: 'fixed', range: { key, prefix: true } };
}

/** `KEY` alone, or the range of `KEY END`. Throws InputError for what makes no range. */
export function rangeFrom(key: string, end: string | undefined): FixedSubject {
  if (key === '') throw new InputError('a key has at least one byte', { where: 'KEY', hint: 'all keys: --prefix' });
  if (end === undefined) return { kind: 'fixed', range: { key } };
  // etcd's way to say "no end".
  if (end === '') return { kind: 'fixed', range: { key, rangeEnd: '\0' } };
  if (Buffer.compare(Buffer.from(end), Buffer.from(key)) > 0) return { kind: 'fixed', range: { key, rangeEnd: end } };
  throw new InputError(`there are no keys from '${key}' to '${end}': a range ends after its key`, { where: 'END' });
}

/** Single keys of the key space, where no range is given. */
export function keySubject(flags: KeyFlagValues, end: LoadEnd): Extract<RangeSubject, { kind: 'keys' }> {
  return { kind: 'keys', ...keysFrom(flags, end) };
}
