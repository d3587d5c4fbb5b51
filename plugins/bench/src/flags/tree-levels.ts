import { InputError } from '@etcdperf/core/errors';

const MOST_KEYS = 10_000_000;
const MOST_LEVELS = 32;

/** `10,10,10`: what each branch of a level has below it. Throws InputError. */
export function parseLevels(text: string): readonly number[] {
  const levels = text.split(',').map((part) => (/^\d{1,8}$/.test(part.trim()) ? Number(part) : 0));
  if (levels.includes(0) || levels.length > MOST_LEVELS)
    throw new InputError(`'${text}' are no levels of a tree`, {
      where: '--levels',
      hint: 'write how many branches there are at each, such as 4,8,16: the last are the keys',
    });
  return checkLevels(levels, '--levels');
}

/** `depth` levels of `fanout` each. Throws InputError for more keys than anybody watches. */
export function evenLevels(depth: number, fanout: number): readonly number[] {
  return checkLevels(new Array<number>(depth).fill(fanout), '--depth, --fanout');
}

function checkLevels(levels: readonly number[], where: string): readonly number[] {
  const keys = levels.reduce((product, count) => product * count, 1);
  if (keys <= MOST_KEYS) return levels;
  throw new InputError(`a tree of ${keys} keys is too large: ${MOST_KEYS} at most`, { where });
}
