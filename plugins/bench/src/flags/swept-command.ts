import { didYouMean, InputError } from '@etcdperf/core/errors';
import type { Dimension } from '../services/sweep/sweep-plan.ts';
import type { RawToken } from './dimensions-from.ts';
import { listFlags } from './sweep-flags.ts';

/** What is used of oclif's description of a flag. */
export interface SweptFlag {
  readonly type: 'boolean' | 'option';
  readonly options?: readonly string[];
  readonly parse?: (text: string, context: unknown, flag: SweptFlag) => Promise<unknown>;
}

/** What is used of oclif's configuration. */
export interface Commands {
  readonly commandIDs: readonly string[];
  findCommand(id: string): { load(): Promise<{ readonly flags?: object }> } | undefined;
}

/** The bench command that is measured, and its flags. */
export interface SweptCommand {
  /** `bench:put`. */
  readonly id: string;
  readonly flags: Readonly<Record<string, SweptFlag>>;
}

/** What goes to the command beside what is varied. */
export interface SweptWords {
  /** Arguments and flags, as they were written. */
  readonly words: readonly string[];
  /** The flags among them that tell which cluster is meant, and how it is reached. */
  readonly clusterWords: readonly string[];
}

/** The sweep's own, of which the command must know nothing. */
const OWN_FLAGS = new Set([...Object.keys(listFlags), 'vary', 'repeat', 'runs-dir', 'json']);
const RANGE_TEST_DURATION = '--duration=5s';
/** No command has these: the range test makes keys of them. */
export const RANGE_TEST_DIMENSIONS: ReadonlySet<string> = new Set(['key-count', 'val-size']);

/** The command that the first word of `argv` names, with or without `bench:`. Throws InputError where there is none. */
export async function loadSweptCommand(argv: readonly string[], commands: Commands): Promise<SweptCommand> {
  const ids = commands.commandIDs.filter((id) => /^bench:(?!sweep$|check:)/.test(id));
  const names = ids.map((id) => id.replace('bench:', ''));
  const [name = ''] = argv;
  const id = name.startsWith('bench:') ? name : `bench:${name}`;
  const found = ids.includes(id) ? commands.findCommand(id) : undefined;
  if (found === undefined)
    throw new InputError(name === '' || name.startsWith('-') ? 'which command?' : `there is no '${id}' to sweep`, {
      hint: didYouMean(name, names) ?? `the first word is one of ${names.join(', ')}`,
    });
  const { flags = {} } = await found.load();
  return { id, flags: flags as SweptCommand['flags'] };
}

/**
 * The command's flags as the sweep takes them: none is required (it may be varied), and none is filled in where it
 * isn't given.
 */
export function optionalFlags({ flags }: SweptCommand): Record<string, object> {
  const optional = Object.entries(flags).map(([name, flag]) => {
    const { default: _default, ...rest } = flag as SweptFlag & { readonly default?: unknown };
    return [name, { ...rest, required: false }];
  });
  return Object.fromEntries(optional);
}

/** bench:range without a key is the range test. */
export function isRangeTest({ id }: SweptCommand, raw: readonly RawToken[]): boolean {
  return id === 'bench:range' && raw.filter(({ type }) => type === 'arg').length === 1;
}

/** Throws InputError for a flag that the command hasn't, and for a value that it doesn't take. */
export async function checkDimensions(
  { id, flags }: SweptCommand,
  dimensions: readonly Dimension[],
  isRange: boolean,
): Promise<void> {
  for (const { name, values } of dimensions) {
    if (isRange && RANGE_TEST_DIMENSIONS.has(name)) continue;
    const flag = flags[name];
    if (name === 'key-count')
      throw new InputError('only the range test has a key count: bench:sweep range without a key', {
        where: '--key-count',
      });
    if (flag === undefined)
      throw new InputError(`${id} has no --${name} to vary`, { hint: didYouMean(name, Object.keys(flags)) });
    if (flag.type === 'boolean') throw new InputError(`--${name} has no values to vary`);
    for (const value of values) {
      if (flag.options !== undefined && !flag.options.includes(value))
        throw new InputError(`'${value}' is none of ${flag.options.join(', ')}`, { where: `--${name}` });
      await flag.parse?.(value, {}, flag);
    }
  }
}

/** @param isRange what the range test does itself is none of the command's work */
export function sweptWords(
  { flags }: SweptCommand,
  raw: readonly RawToken[],
  clusterFlags: object,
  isRange: boolean,
): SweptWords {
  const [, ...positional] = raw.flatMap((token) => (token.type === 'arg' ? [token.input] : []));
  const passed = raw.filter((token) => token.type === 'flag' && !OWN_FLAGS.has(token.flag));
  const wordsOf = (tokens: readonly RawToken[]) =>
    tokens.flatMap((token) => {
      if (token.type === 'arg') return [];
      return [flags[token.flag]?.type === 'boolean' ? token.input : `--${token.flag}=${token.input}`];
    });
  const isOf = (names: object) => (token: RawToken) => token.type === 'flag' && token.flag in names;
  const clusterWords = wordsOf(passed.filter(isOf(clusterFlags)));
  if (!isRange) return { words: [...positional, ...wordsOf(passed)], clusterWords };
  const left = passed.filter((token) => !isOf({ prefix: true, cleanup: true })(token));
  const end = left.some(isOf({ total: true, duration: true })) ? [] : [RANGE_TEST_DURATION];
  return { words: [...wordsOf(left), ...end], clusterWords };
}
