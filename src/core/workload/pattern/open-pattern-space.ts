import { InputError } from '../../errors/index.ts';
import { CounterNames, FixedName, GeneratedName, type LevelNames, SetNames } from './level-names.ts';
import { NodeHash } from './node-hash.ts';
import { NumberedSpace } from './numbered-space.ts';
import type { Pattern, PatternPart } from './pattern.ts';
import type { PatternSpace } from './pattern-space.ts';
import { patternValues } from './pattern-values.ts';
import { printPart, printPattern, printValue } from './print-pattern.ts';
import { SiblingNames } from './sibling-names.ts';
import { IP_RULE } from './standard-rules.ts';
import { SequenceText } from './text-maker.ts';
import { TextMakers } from './text-makers.ts';

const MOST_VALUE_BYTES = 1_572_864;

export interface PatternSpaceOptions {
  /** What `:ip` stands for. */
  readonly ip: string;
  readonly seed: number;
  /** Children of the last generated level, for each combination of the levels above it; else 1. */
  readonly keysPerCombination?: number | undefined;
  /** In place of the value pattern's own sizes. */
  readonly valueBytes?: { readonly min: number; readonly max: number } | undefined;
}

/**
 * The keys and values of a pattern. Opens at once and in little memory, however many keys there are. Throws InputError
 * for options that do not fit the pattern.
 */
export function openPatternSpace(pattern: Pattern, options: PatternSpaceOptions): PatternSpace {
  const { ip, seed } = options;
  const names = levelNames(pattern, options, new TextMakers(seed, ip));
  const levels = pattern.levels.map(
    (part, index) =>
      ({
        text: printPart(part, 'level'),
        kind: part.kind === 'literal' || part.kind === 'counter' ? part.kind : isGenerated(part) ? 'generated' : 'rule',
        count: names[index]!.count,
        maxBytes: names[index]!.maxBytes,
      }) as const,
  );
  checkValueBytes(options.valueBytes);
  const makers = new TextMakers(seed, ip, options.valueBytes?.max);
  const values = patternValues(
    pattern.value.flatMap((part) => makers.ofPart(part)),
    printValue(pattern.value),
    { seed, bytes: options.valueBytes },
  );
  return new NumberedSpace(printPattern(pattern), levels, names, values);
}

function levelNames({ levels }: Pattern, options: PatternSpaceOptions, makers: TextMakers): readonly LevelNames[] {
  const children = options.keysPerCombination ?? 1;
  if (!Number.isSafeInteger(children) || children < 1)
    throw new InputError(`${children} keys for each combination can't be`, { hint: 'a whole number, 1 or more' });
  const last = levels.findLastIndex(isGenerated);
  if (children > 1 && last < 0)
    throw new InputError(`${children} keys for each combination: the pattern has no generated level for them`, {
      hint: 'let a counter say how many there are, or write a level such as [a-z0-9]{20}, #20 or :clusterid',
    });
  return levels.map((part, level) => {
    if (part.kind === 'literal') return new FixedName(part.text);
    if (part.kind === 'counter') return new CounterNames(part);
    if (part.kind === 'rule' && part.values !== undefined) return new SetNames(part.values);
    if (!isGenerated(part)) return new FixedName(checkedAddress(options.ip));
    const items = makers.ofPart(part);
    if (level === last && children > 1)
      return new SiblingNames(items, children, printPart(part, 'level'), options.seed, level);
    const maker = items.length === 1 ? items[0]! : new SequenceText(items);
    return new GeneratedName(maker, new NodeHash(options.seed, 2 * level));
  });
}

/** Each node has a name of its own there, made from its number. */
function isGenerated(part: PatternPart): boolean {
  if (part.kind === 'rule') return part.values === undefined && part.name !== IP_RULE;
  return part.kind === 'random' || part.kind === 'expression';
}

function checkedAddress(ip: string): string {
  if (ip !== '' && !ip.includes('/')) return ip;
  throw new InputError(`'${ip}' is no address for :ip`, { hint: 'name one with --ip' });
}

function checkValueBytes(bytes: PatternSpaceOptions['valueBytes']): void {
  if (bytes === undefined) return;
  const { min, max } = bytes;
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min < 0 || max < min || max > MOST_VALUE_BYTES)
    throw new InputError(`values of ${min} to ${max} bytes can't be`, {
      hint: `two whole numbers, the second not less than the first, and ${MOST_VALUE_BYTES} at most`,
    });
}
