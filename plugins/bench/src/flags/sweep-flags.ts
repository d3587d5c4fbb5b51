import { Flags } from '@etcdperf/core/cli';
import { didYouMean } from '@etcdperf/core/config';
import { InputError } from '@etcdperf/core/errors';
import { expandValues } from '../services/sweep/expand-values.ts';
import type { Dimension } from '../services/sweep/sweep-plan.ts';

const list = (description: string) => Flags.string({ description, helpValue: 'LIST', helpGroup: 'LISTS' });

/** The flags of commands that are lists here. Any other is varied with `--vary`. */
export const listFlags = {
  'key-count': list('how many keys one read of the range test returns'),
  consistency: list('l (linearizable), s (serializable)'),
  'val-size': list('bytes of a value'),
  'key-size': list('digits of a key'),
  'key-space-size': list('how many different keys there are'),
  connections: Flags.string({
    description: 'connections to etcd',
    helpValue: 'LIST',
    helpGroup: 'LISTS',
    aliases: ['conns'],
  }),
  clients: list('callers that wait for their answers'),
  rate: list('requests per second of an open loop'),
  streams: list('watch streams'),
  'watch-per-stream': list('watches of a stream (bench:watch)'),
  'watchers-per-stream': list('watches of a stream (bench:watch-latency)'),
  watchers: list('watches (bench:watch-get)'),
};

export const varyFlag = {
  vary: Flags.string({
    description: 'any other flag of the command and its values, like txn-ops=1,10,100; may be given several times',
    helpValue: 'FLAG=LIST',
    helpGroup: 'LISTS',
    multiple: true,
    multipleNonGreedy: true,
  }),
};

/** A word of the command line, as oclif's parser tells them. */
export type RawToken =
  | { readonly type: 'arg'; readonly input: string }
  | { readonly type: 'flag'; readonly flag: string; readonly input: string };

/**
 * What is varied, in the order of the command line, with `defaults` at the end for what it doesn't name. Throws
 * InputError for a list that is none and for what is named twice.
 */
export function dimensionsFrom(raw: readonly RawToken[], defaults: Readonly<Record<string, string>> = {}): Dimension[] {
  const lists = new Map<string, { readonly text: string; readonly where: string }>();
  const add = (name: string, text: string, where: string) => {
    if (lists.has(name)) throw new InputError(`${name} is varied twice`, { where });
    lists.set(name, { text, where });
  };
  for (const token of raw) {
    if (token.type !== 'flag') continue;
    if (token.flag in listFlags) add(token.flag, token.input, `--${token.flag}`);
    if (token.flag !== 'vary') continue;
    const match = /^(?:--)?([a-z][a-z0-9-]*)=(.+)$/s.exec(token.input);
    if (match === null)
      throw new InputError(`'${token.input}' names no flag and its values`, {
        where: '--vary',
        hint: 'like --vary txn-ops=1,10,100',
      });
    add(match[1] === 'conns' ? 'connections' : match[1]!, match[2]!, `--vary ${match[1]}`);
  }
  for (const [name, text] of Object.entries(defaults)) {
    if (!lists.has(name)) lists.set(name, { text, where: `--${name}` });
  }
  return [...lists].map(([name, { text, where }]) => ({ name, values: expandValues(text, where) }));
}

/** A bench command and what goes to it. */
export interface SweptCommand {
  /** `bench:put`. */
  readonly command: string;
  /** Its arguments and flags that stay the same, as they were written. */
  readonly words: readonly string[];
  /** The flags among them that tell which cluster is meant, and how it is reached. */
  readonly clusterWords: readonly string[];
  /** The preset: bench:range without a key. */
  readonly isRangeTest: boolean;
}

/** The sweep's own, of which the command knows nothing. */
const OWN_FLAGS = new Set([...Object.keys(listFlags), 'vary', 'repeat', 'runs-dir', 'json']);
/** Flags that the range test takes for itself. */
const RANGE_TEST_FLAGS = new Set(['prefix', 'cleanup']);
const BOOLEAN_FLAGS = new Set(['cleanup', 'insecure-skip-tls-verify']);
const RANGE_TEST_DURATION = '--duration=5s';

/**
 * @param commandIds all commands that can be swept
 * @throws InputError for a command that there is none of, and for --key-count where it says nothing
 */
export function sweptCommand(raw: readonly RawToken[], commandIds: readonly string[]): SweptCommand {
  const [name = '', ...rest] = raw.flatMap((token) => (token.type === 'arg' ? [token.input] : []));
  const command = name.startsWith('bench:') ? name : `bench:${name}`;
  if (!commandIds.includes(command))
    throw new InputError(`there is no '${command}' to sweep`, {
      hint: didYouMean(command, commandIds) ?? `one of ${commandIds.map((id) => id.replace(/^bench:/, '')).join(', ')}`,
    });
  const hasKey = rest[0] !== undefined && !rest[0].startsWith('-');
  const isRangeTest = command === 'bench:range' && !hasKey;
  if (!isRangeTest && raw.some((token) => token.type === 'flag' && token.flag === 'key-count'))
    throw new InputError('only the range test has a key count', {
      where: '--key-count',
      hint: hasKey ? 'leave the key out: the range test puts its own' : 'bench:sweep range --key-count 1,10,100',
    });
  const clusterWords = flagWords(raw, (flag) => !OWN_FLAGS.has(flag) && !RANGE_TEST_FLAGS.has(flag));
  const own = isRangeTest ? [] : flagWords(raw, (flag) => RANGE_TEST_FLAGS.has(flag));
  const hasEnd = rest.some((word) => /^--(total|duration)(=|$)/.test(word));
  const end = isRangeTest && !hasEnd ? [RANGE_TEST_DURATION] : [];
  return { command, words: [...rest, ...end, ...own, ...clusterWords], clusterWords, isRangeTest };
}

function flagWords(raw: readonly RawToken[], isWanted: (flag: string) => boolean): string[] {
  return raw.flatMap((token) => {
    if (token.type === 'arg' || !isWanted(token.flag)) return [];
    return [BOOLEAN_FLAGS.has(token.flag) ? `--${token.flag}` : `--${token.flag}=${token.input}`];
  });
}
