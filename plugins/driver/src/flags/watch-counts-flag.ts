import { Flags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { WatcherCount } from '@etcdperf/core/workload';

/** `0,0,0,n,0`: watchers at each level, `n` for every key there. Throws InputError for anything else. */
export function parseWatchCounts(text: string): readonly WatcherCount[] {
  return text.split(',').map((count): WatcherCount => {
    const word = count.trim();
    if (word === 'n') return 'every';
    if (/^\d{1,9}$/.test(word)) return Number(word);
    throw new InputError(`'${text}' doesn't say how many watchers each level has`, {
      hint: "write a number or n (every key at that level) for each level: '0,0,0,n,0'",
    });
  });
}

export const watchCountsFlag = Flags.custom<readonly WatcherCount[]>({
  parse: async (text) => parseWatchCounts(text),
  helpValue: 'N,…',
});
