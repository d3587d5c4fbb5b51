import { clusterFlags, durationFlag, Flags, inventoryFlags } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import { COMPARED_FIELDS, type ComparedField } from '../services/compare/difference.ts';
import type { PrefixMapping } from '../services/compare/prefix-mapping.ts';

// Which clusters they are is what the arguments say.
const { cluster: _cluster, endpoints: _endpoints, ...accessFlags } = clusterFlags;

/** All that `backup:compare` understands. */
export const compareFlags = {
  ...inventoryFlags,
  ...accessFlags,
  prefix: Flags.string({
    description: 'compare only the keys below it; may be given several times',
    multiple: true,
    multipleNonGreedy: true,
    defaultHelp: async () => 'all keys; of a dump and a cluster: what the dump was made of',
    helpValue: 'PREFIX',
    exclusive: ['prefix-map'],
  }),
  'prefix-map': Flags.custom<PrefixMapping>({
    parse: async (text) => parsePrefixMapping(text),
    description: "compare A's keys below OLD with B's below NEW",
    helpValue: 'OLD=NEW',
    exclusive: ['prefix'],
  })(),
  with: Flags.custom<readonly ComparedField[]>({
    parse: async (text) => parseFields(text),
    description: 'compare more than keys and values: lease, revisions, version',
    helpValue: 'FIELD,…',
    default: [],
    defaultHelp: async () => 'keys and values',
  })(),
  'revision-a': Flags.integer({ description: 'read A, a cluster, at this revision', min: 1, helpValue: 'REVISION' }),
  'revision-b': Flags.integer({ description: 'the same for B', min: 1, helpValue: 'REVISION' }),
  limit: Flags.integer({
    description: 'show so many differences of each sort',
    default: 10,
    min: 0,
    max: 100_000,
    helpValue: 'N',
  }),
  'show-values': Flags.integer({
    description: 'show up to so many bytes of the values that differ; they may be secrets',
    default: 0,
    defaultHelp: async () => 'nothing of them',
    min: 0,
    max: 65_536,
    helpValue: 'BYTES',
  }),
  output: Flags.string({
    char: 'o',
    description: 'write all differences there, a line of JSON each',
    helpValue: 'FILE',
  }),
  timeout: durationFlag({
    description: 'how long one request to a cluster may take',
    default: 30_000,
    defaultHelp: async () => '30s',
  }),
};

/** `/old/=/new/`: at the first `=` where there are several. Throws InputError. */
export function parsePrefixMapping(text: string): PrefixMapping {
  const at = text.indexOf('=');
  if (at < 0)
    throw new InputError(`'${text}' is no mapping of prefixes`, { where: '--prefix-map', hint: 'write /old/=/new/' });
  return { from: Buffer.from(text.slice(0, at)), to: Buffer.from(text.slice(at + 1)) };
}

/** `lease,revisions`. Throws InputError. */
export function parseFields(text: string): readonly ComparedField[] {
  return text.split(',').map((name) => {
    const field = COMPARED_FIELDS.find((one) => one === name.trim());
    if (field !== undefined) return field;
    throw new InputError(`'${name}' can't be compared`, {
      where: '--with',
      hint: `there are ${COMPARED_FIELDS.filter((one) => one !== 'value').join(', ')}`,
    });
  });
}
