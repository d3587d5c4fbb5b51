import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadEnd } from '@etcdperf/core/load';
import type { RangeSubject } from '../operations/range-operation.ts';
import type { RangeWorkOptions } from '../services/range-work.ts';
import { DEFAULT_PREFIX, type KeyFlagValues, keyFlags } from './key-flags.ts';
import { type PatternFlagValues, patternFlags, patternKeysFrom } from './pattern-flags.ts';
import { consistencyFlag, keySubject, prefixFrom, rangeFrom } from './read-flags.ts';

/** As Kubernetes reads, and etcd's own benchmark. */
export const PAGE_KEYS = 10_000;

// --prefix is a switch here, as in etcd's own benchmark.
const { prefix: _prefix, ...keyNumberFlags } = keyFlags;

/** What bench:range reads, and how. */
export const rangeFlags = {
  ...consistencyFlag,
  limit: Flags.integer({
    description: 'at most so many keys a read; else all',
    default: 0,
    min: 0,
    defaultHelp: async () => 'none',
  }),
  'count-only': Flags.boolean({ description: 'only how many keys there are', exclusive: ['keys-only', 'paginate'] }),
  'keys-only': Flags.boolean({ description: 'keys without their values' }),
  prefix: Flags.boolean({ description: 'all keys that begin with KEY; without KEY: all keys' }),
  paginate: Flags.boolean({
    description: `read in pages of ${PAGE_KEYS} keys at one revision; latency is that of all pages`,
    exclusive: ['limit', 'count-only', 'stream'],
  }),
  stream: Flags.boolean({
    description: 'have etcd send the range piece by piece (RangeStream: etcd 3.7 and later)',
    exclusive: ['count-only'],
  }),
  'key-prefix': Flags.string({
    description: '[without KEY] what every key begins with',
    default: DEFAULT_PREFIX,
    helpValue: 'TEXT',
  }),
  ...keyNumberFlags,
  ...patternFlags(['prefix', 'paginate', 'stream', 'key-prefix', 'key-size', 'key-space-size']),
};

/** What is read. Throws InputError for what contradicts itself. */
export function rangeSubject(
  { key, end }: { readonly key?: string | undefined; readonly end?: string | undefined },
  flags: Omit<KeyFlagValues, 'prefix'> &
    PatternFlagValues & { readonly prefix: boolean; readonly 'key-prefix': string },
  loadEnd: LoadEnd,
): RangeWorkOptions['subject'] {
  if (flags.pattern !== undefined) {
    const keys = patternKeysFrom(flags);
    if (key === undefined && keys !== undefined) return { kind: 'pattern', ...keys };
    throw new InputError('single keys of the pattern are read, or KEY: not both', { where: 'KEY, --pattern' });
  }
  if (!flags.prefix)
    return key === undefined ? keySubject({ ...flags, prefix: flags['key-prefix'] }, loadEnd) : rangeFrom(key, end);
  if (end === undefined) return prefixFrom(key ?? '');
  throw new InputError('a range ends at END, or with the last key that begins with KEY: not both', {
    where: 'END, --prefix',
  });
}

/** The range that a flag needs. Throws InputError where single keys are read. */
export function rangeNeeded(
  flag: string,
  subject: RangeWorkOptions['subject'],
): Extract<RangeSubject, { kind: 'fixed' }>['range'] {
  if (subject.kind === 'fixed') return subject.range;
  throw new InputError(`${flag} reads a range: name it with KEY`, { where: flag });
}
