import { InputError } from '@etcdperf/core/errors';
import type { Dimension } from '../services/sweep/sweep-plan.ts';
import { dimensionsFrom, type RawToken } from './dimensions-from.ts';
import {
  checkDimensions,
  isRangeTest,
  RANGE_TEST_DIMENSIONS,
  type SweptCommand,
  type SweptWords,
  sweptWords,
} from './swept-command.ts';

/** What a command line asks a sweep for. */
export interface SweepQuestion extends SweptWords {
  /** `bench:put`. */
  readonly command: string;
  /** Only those with several values; the others are among the words. */
  readonly dimensions: readonly Dimension[];
  readonly isRangeTest: boolean;
}

const RANGE_TEST = { 'key-count': '1,10,...,100000', consistency: 'l,s' };

/**
 * @param clusterFlags by name, those that every command needs to reach the cluster
 * @throws InputError for lists that are none, that the command doesn't take, or that vary nothing
 */
export async function sweepQuestion(
  swept: SweptCommand,
  raw: readonly RawToken[],
  clusterFlags: object,
): Promise<SweepQuestion> {
  const isRange = isRangeTest(swept, raw);
  const lists = dimensionsFrom(raw, isRange ? RANGE_TEST : {});
  await checkDimensions(swept, lists, isRange);
  const isVaried = ({ name, values }: Dimension) => values.length > 1 || (isRange && RANGE_TEST_DIMENSIONS.has(name));
  const dimensions = lists.filter(isVaried);
  if (dimensions.length === 0)
    throw new InputError('nothing is varied', { hint: 'give a list: --val-size 8,256,1024 or --vary txn-ops=1,10' });
  const constants = lists.filter((list) => !isVaried(list)).flatMap(({ name, values }) => `--${name}=${values}`);
  const { words, clusterWords } = sweptWords(swept, raw, clusterFlags, isRange);
  return { command: swept.id, dimensions, words: [...words, ...constants], clusterWords, isRangeTest: isRange };
}
