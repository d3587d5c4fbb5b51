/** What is varied, and the values that it takes. */
export interface Dimension {
  /** A flag of the command, without dashes; or `key-count` of the range test. */
  readonly name: string;
  readonly values: readonly string[];
}

/** One value of every dimension, by its name. */
export type Combination = Readonly<Record<string, string>>;

/** One measurement: a combination, and which of its repeats. */
export interface Cell {
  /** In the order of measuring, from 0. */
  readonly index: number;
  /** From 1. */
  readonly repeat: number;
  readonly combination: Combination;
}

/** Every value of each dimension with every value of the others; the last dimension changes first. */
export function combinationsOf(dimensions: readonly Dimension[]): Combination[] {
  return dimensions.reduce<Combination[]>(
    (found, { name, values }) => found.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

/**
 * All combinations once, then all again: what drifts while the sweep goes on (a growing database, a warming machine)
 * is spread over them and not the last ones' burden. Every second time they come in reverse.
 */
export function cellsOf(combinations: readonly Combination[], repeats: number): Cell[] {
  const cells: Cell[] = [];
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const order = repeat % 2 === 1 ? combinations : combinations.toReversed();
    for (const combination of order) cells.push({ index: cells.length, repeat, combination });
  }
  return cells;
}

/** `key-count 100, consistency l`. */
export function describeCombination(combination: Combination): string {
  return Object.entries(combination)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** `--clients=10`, for each of its values. */
export function flagWords(combination: Combination): string[] {
  return Object.entries(combination).map(([name, value]) => `--${name}=${value}`);
}
