import { clusterFlags, durationFlag, Flags, inventoryFlags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { Target } from '@etcdperf/core/etcd';
import type { Filter } from '../filters/filter.ts';
import { DUMP_COLUMNS, type DumpColumn, type DumpFormat, type LayoutWishes } from '../formats/dump-layout.ts';

/** All that `backup:dump` understands. */
export const dumpFlags = {
  ...inventoryFlags,
  ...clusterFlags,
  target: Flags.custom<Target>({
    parse: async (text) => (await import('@etcdperf/core/etcd')).parseTarget(text),
    description: 'which members are read from: all, leader, followers, or a member’s name',
    defaultHelp: async () => 'all',
    helpValue: 'all|leader|followers|MEMBER',
  })(),
  output: Flags.string({
    char: 'o',
    description: 'the file; compressed where its name ends in .gz or .zst; - for standard output',
    default: '-',
    defaultHelp: async () => 'standard output',
    helpValue: 'FILE',
  }),
  force: Flags.boolean({ description: 'replace the file if it is there' }),
  format: Flags.option({
    options: ['csv', 'jsonl'] as const,
    description: 'CSV, or an object of JSON on each line',
    defaultHelp: async () => 'what the file’s name says (.jsonl), else csv',
    helpValue: 'csv|jsonl',
  })(),
  columns: Flags.custom<readonly DumpColumn[]>({
    parse: async (text) => parseColumns(text),
    description: `what is written of each key: ${DUMP_COLUMNS.join(', ')}`,
    defaultHelp: async () => 'all but api_version and kind, which are added below /registry',
    helpValue: 'COLUMN,…',
  })(),
  keys: Flags.option({
    options: ['text', 'base64', 'hex'] as const,
    description: 'how keys are written; as text, those that aren’t UTF-8 are in base64, which their row says',
    default: 'text',
    helpValue: 'text|base64|hex',
  })(),
  values: Flags.option({
    options: ['text', 'base64', 'hex', 'none'] as const,
    description: 'the same for values; none: they are left out, their sizes are told',
    defaultHelp: async () => 'text',
    helpValue: 'text|base64|hex|none',
    exclusive: ['keys-only'],
  })(),
  'keys-only': Flags.boolean({ description: 'values aren’t even asked for: quicker, without their sizes' }),
  revision: Flags.integer({
    description: 'read at this revision, if it isn’t compacted away',
    defaultHelp: async () => 'the one that the cluster is at',
    min: 1,
    helpValue: 'REVISION',
    exclusive: ['restart'],
  }),
  'since-revision': Flags.integer({
    description: 'only keys that were modified after this revision',
    min: 0,
    helpValue: 'REVISION',
  }),
  filter: Flags.custom<Filter>({
    parse: async (text) => (await import('../filters/parse-filter.ts')).parseFilter(text),
    description:
      'only keys of which this is true: key~REGEX, key!~REGEX, size>100KB, version>10, lease, lease=none, lease=ID, kind=Pod; several must all be true',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'CONDITION',
  })(),
  parallel: Flags.integer({
    description: 'prefixes that are read at once',
    default: 4,
    min: 1,
    max: 64,
    helpValue: 'N',
  }),
  restart: Flags.boolean({
    description: 'begin again at a newer revision when the one that is read is compacted away, five times at most',
  }),
  timeout: durationFlag({
    description: 'how long a member may take for one answer before another is asked',
    default: 30_000,
    defaultHelp: async () => '30s',
  }),
};

/** Throws InputError. */
export function parseColumns(text: string): readonly DumpColumn[] {
  return text.split(',').map((name) => {
    const column = DUMP_COLUMNS.find((one) => one === name.trim());
    if (column !== undefined) return column;
    throw new InputError(`there is no column '${name}'`, {
      where: '--columns',
      hint: `there are ${DUMP_COLUMNS.join(', ')}`,
    });
  });
}

export interface LayoutFlagValues {
  readonly output: string;
  readonly format?: DumpFormat | undefined;
  readonly columns?: readonly DumpColumn[] | undefined;
  readonly keys: 'text' | 'base64' | 'hex';
  readonly values?: 'text' | 'base64' | 'hex' | 'none' | undefined;
  readonly 'keys-only': boolean;
}

/** What the flags say of how a dump is to look. */
export function layoutFrom(flags: LayoutFlagValues): LayoutWishes {
  const { output, columns, keys, values } = flags;
  const format = flags.format ?? (/\.(jsonl|ndjson)(\.gz|\.zst)?$/.test(output) ? 'jsonl' : 'csv');
  return { format, columns, keys, values, keysOnly: flags['keys-only'] };
}
