import { InputError } from '@etcdperf/core/errors';

const MOST_VALUES = 1000;

/**
 * The values of a list, in the order they are written, each once: `8,256,1024`, or with dots for what lies between:
 * `1,10,...,100000` multiplies on, `0,5,...,20` adds on.
 *
 * @param where the flag, for the InputError that an empty or endless list is
 */
export function expandValues(text: string, where: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  const values: string[] = [];
  parts.forEach((part, index) => {
    if (isDots(part)) values.push(...between(parts, index, where));
    else if (part === '') throw new InputError(`an empty value in '${text}'`, { where });
    else values.push(part);
  });
  if (values.length > MOST_VALUES) throw new InputError(`${values.length} values are too many to measure`, { where });
  return [...new Set(values)];
}

function isDots(part: string): boolean {
  return part === '...' || part === '…';
}

/** What the dots at `index` stand for: the two values before them tell the step, the one after them the end. */
function between(parts: readonly string[], index: number, where: string): string[] {
  const [first, second, last] = [parts[index - 2], parts[index - 1], parts[index + 1]].map((part) =>
    part === undefined || part === '' ? Number.NaN : Number(part),
  ) as [number, number, number];
  const grows = second > first && last > second;
  const factor = second / first;
  for (const step of grows ? [(value: number) => value * factor, (value: number) => value + second - first] : []) {
    if (step(first) !== second) continue;
    const found: number[] = [];
    let value = step(second);
    while (value < last && found.length <= MOST_VALUES) {
      found.push(value);
      value = step(value);
    }
    if (value === last) return found.map(String);
  }
  throw new InputError(`the dots in '${parts.join(',')}' stand for nothing that leads to the value after them`, {
    where,
    hint: 'like 1,10,...,100000 or 0,5,...,20: two values before the dots, and the last one after them',
  });
}
