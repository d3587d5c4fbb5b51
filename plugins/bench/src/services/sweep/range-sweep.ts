import { InputError, OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { connectWire } from '../connect-wire.ts';
import { keyOf, rangeOf } from '../key-space.ts';
import { type CommandLine, runCommand } from './run-cell.ts';
import type { Sweep } from './run-sweep.ts';
import { type Dimension, flagWords } from './sweep-plan.ts';

/** The range test: reads of so many keys at once, which are put there first. */
export interface RangeSweep {
  /** `key-count` among them; of the others `val-size` is of the keys, the rest are flags of bench:range. */
  readonly dimensions: readonly Dimension[];
  /** Every key begins with it; the size of its value follows. */
  readonly prefix: string;
  /** For bench:range, beside what is varied. */
  readonly words: readonly string[];
  /** Those of `words` that bench:put needs to reach the same cluster. */
  readonly clusterWords: readonly string[];
  readonly access: ClusterAccess;
  readonly repeats: number;
  /** The keys are deleted afterwards. */
  readonly isCleanedUp: boolean;
}

export interface RangeSweepContext {
  readonly commandLine: CommandLine;
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
}

const DIGITS = 8;
const MOST_KEYS = 10_000_000;
const DEFAULT_VALUE_BYTES = '256';

/** The sweep that the range test is. Throws InputError for a key count or a value's size that is none. */
export function rangeSweep(range: RangeSweep, context: RangeSweepContext): Sweep {
  const valuesOf = (name: string) => range.dimensions.find((one) => one.name === name)?.values;
  const keyCounts = (valuesOf('key-count') ?? []).map((text) => wholeNumber(text, '--key-count', MOST_KEYS));
  const valueSizes = valuesOf('val-size') ?? [DEFAULT_VALUE_BYTES];
  for (const size of valueSizes) wholeNumber(size, '--val-size', 2 ** 20);
  const spaceOf = (valueSize: string) => ({
    prefix: `${range.prefix}v${valueSize}/`,
    digits: DIGITS,
    size: Math.max(...keyCounts),
  });
  return {
    command: 'bench:range',
    words: range.words,
    dimensions: range.dimensions,
    repeats: range.repeats,
    wordsOf: ({ 'key-count': count, 'val-size': size = DEFAULT_VALUE_BYTES, ...flags }) => {
      const space = spaceOf(size);
      return [keyOf(space, 0), keyOf(space, Number(count)), ...range.words, ...flagWords(flags)];
    },
    prepare: async (runsDir) => {
      for (const size of valueSizes) {
        const { size: keys } = spaceOf(size);
        context.onStep(`putting ${keys} keys with values of ${size} bytes`);
        await fill({ ...spaceOf(size), valueSize: size, runsDir }, range.clusterWords, context);
      }
    },
    ...(range.isCleanedUp && {
      cleanUp: async () => {
        context.onStep('deleting the keys');
        await using client = await connectWire(range.access);
        for (const size of valueSizes) {
          const { key, rangeEnd } = rangeOf(spaceOf(size));
          await client.deleteRange(key, { rangeEnd });
        }
      },
    }),
  };
}

async function fill(
  space: {
    readonly prefix: string;
    readonly size: number;
    readonly valueSize: string;
    readonly runsDir: string;
  },
  clusterWords: readonly string[],
  { commandLine, signal }: RangeSweepContext,
): Promise<void> {
  const keys = [`--prefix=${space.prefix}`, `--key-size=${DIGITS}`, `--key-space-size=${space.size}`];
  const load = ['--sequential-keys', `--total=${space.size}`, '--connections=4', '--clients=64'];
  const place = [`--val-size=${space.valueSize}`, `--runs-dir=${space.runsDir}`, '--json'];
  const end = await runCommand(commandLine, ['bench:put', ...keys, ...load, ...place, ...clusterWords], signal);
  signal.throwIfAborted();
  if (end.exitCode === 0) return;
  const said = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(end.stdout)?.[1] ?? end.stderr.trim();
  const message = `the keys to read could not be put: ${said}`;
  throw end.exitCode === 2 ? new InputError(message) : new OperationError(message);
}

function wholeNumber(text: string, where: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new InputError(`'${text}' is no whole number from 1 to ${most}`, { where });
}
