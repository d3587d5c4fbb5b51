import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { LoadEnd } from '@etcdperf/core/load';
import type { RangeSubject } from '../operations/range-operation.ts';
import type { KeyFlagValues } from './key-flags.ts';
import { consistencyFlag, EVERYTHING, keySubject, rangeFrom } from './read-flags.ts';

/** What the transactions of bench:txn-mixed read, and how many of them do. */
export const mixedFlags = {
  ...consistencyFlag,
  'end-key': Flags.string({ description: 'where the range that is read ends', helpValue: 'KEY' }),
  limit: Flags.integer({ description: 'at most so many keys a read; 0: all', default: 1000, min: 0 }),
  'rw-ratio': Flags.custom<number>({
    parse: async (text) => parseRatio(text),
    description: 'reads for each write; 0: only writes',
    default: 1,
    helpValue: 'NUMBER',
  })(),
  'single-keys': Flags.boolean({ description: 'read single keys of the key space', exclusive: ['end-key'] }),
};

/** What is read. Throws InputError for what contradicts itself. */
export function mixedSubject(
  { key, end: endArgument }: { readonly key?: string | undefined; readonly end?: string | undefined },
  flags: KeyFlagValues & { readonly 'end-key'?: string | undefined; readonly 'single-keys': boolean },
  loadEnd: LoadEnd,
): RangeSubject {
  const endFlag = flags['end-key'];
  if (endArgument !== undefined && endFlag !== undefined)
    throw new InputError('END and --end-key say the same: give one of them', { where: 'END, --end-key' });
  if (flags['single-keys']) {
    if (key === undefined) return keySubject(flags, loadEnd);
    throw new InputError('--single-keys chooses the keys that are read, and KEY names one', {
      where: 'KEY, --single-keys',
    });
  }
  const end = endArgument ?? endFlag;
  if (key !== undefined) return rangeFrom(key, end);
  return end === undefined ? EVERYTHING : rangeFrom('\0', end);
}

function parseRatio(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InputError(`'${text}' is no ratio: write how many reads there are for each write, such as 3 or 0.5`, {
    where: '--rw-ratio',
  });
}
