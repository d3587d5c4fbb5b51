import { clusterFlags, durationFlag, Flags, inventoryFlags, targetFlags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { MEASURES } from '../services/summary/key-totals.ts';

/** All that `backup:summary` understands. */
export const summaryFlags = {
  ...inventoryFlags,
  ...clusterFlags,
  ...targetFlags,
  from: Flags.string({
    description: 'sum up a dump instead of a cluster; - is standard input',
    helpValue: 'FILE',
    exclusive: ['cluster', 'churn', 'keys-only', 'target', 'target-leader'],
  }),
  depth: Flags.integer({ description: 'levels of the tree', default: 4, min: 1, max: 50, helpValue: 'N' }),
  separator: Flags.string({ description: 'what ends a level of a key', default: '/', helpValue: 'TEXT' }),
  by: Flags.option({ options: MEASURES, description: 'which branches come first', default: 'bytes' as const })(),
  'min-share': Flags.custom<number>({
    parse: async (text) => parseShare(text),
    description: 'branches below this share of all bytes, keys and versions are told together as others',
    default: 0.01,
    defaultHelp: async () => '1%',
    helpValue: 'PERCENT',
  })(),
  top: Flags.integer({
    description: 'so many keys in each list: largest, most versions, most churn',
    default: 10,
    min: 0,
    max: 10_000,
    helpValue: 'N',
  }),
  churn: durationFlag({ description: 'also look for so long at which keys are written, and how often' }),
  'keys-only': Flags.boolean({ description: 'do not read values: quick, and without their sizes' }),
  html: Flags.string({
    description: 'write what there is as a map of boxes to zoom into: one file that loads nothing',
    helpValue: 'FILE',
  }),
  timeout: durationFlag({
    description: 'how long one request may take',
    default: 30_000,
    defaultHelp: async () => '30s',
  }),
};

/** `1%`, `0.5%`, `0`, as a fraction. Throws InputError. */
export function parseShare(text: string): number {
  const percent = /^\d+(\.\d+)?%?$/.test(text.trim()) ? Number(text.trim().replace('%', '')) : Number.NaN;
  if (percent <= 100) return percent / 100;
  throw new InputError(`'${text}' is no share: write it as 1% or 0.5%`, { where: '--min-share' });
}
