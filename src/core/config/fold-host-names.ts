import { compareNames } from './compare-names.ts';

/**
 * The inverse of `expandHostRange`: folds node1, node2, node3, node5 to `node[1-3,5]`, over several numbers too
 * (`rack[1-2]-node[01-12]`). What doesn't fold stays; several results are joined by commas. Sorted, each name once.
 */
export function foldHostNames(names: Iterable<string>): string {
  let rows = [...new Set(names)].sort(compareNames).map(split);
  const columns = Math.max(0, ...rows.map((row) => row.length));
  // Last number first: its ranges then take part in the comparison of what stands before them.
  for (let column = columns - 1; column >= 0; column--) {
    if (column % 2 === 1) rows = foldColumn(rows, column);
  }
  return rows.map((row) => row.join('')).join(',');
}

/** Text at even places, numbers at odd ones. Digits too many for a number are text. */
function split(name: string): string[] {
  return name.split(/(?<!\d)(\d{1,9})(?!\d)/);
}

function foldColumn(rows: readonly string[][], column: number): string[][] {
  const alike = new Map<string, { row: string[]; numbers: string[] }>();
  for (const row of rows) {
    const number = row[column];
    const key = JSON.stringify(number === undefined ? row : row.with(column, ''));
    const group = alike.get(key) ?? { row, numbers: [] };
    if (number !== undefined) group.numbers.push(number);
    alike.set(key, group);
  }
  return [...alike.values()].flatMap(({ row, numbers }) => {
    if (numbers.length <= 1) return [row];
    return byWidth(numbers).map((same) => row.with(column, ranges(same)));
  });
}

/** 08, 09 and 10 are one sequence, and so are 8, 9 and 10; 1 and 01 never are. */
function byWidth(numbers: readonly string[]): string[][] {
  const padded = new Set(numbers.filter((n) => n.length > 1 && n.startsWith('0')).map((n) => n.length));
  return [...Map.groupBy(numbers, (n) => (padded.has(n.length) ? n.length : 0)).values()];
}

function ranges(numbers: readonly string[]): string {
  if (numbers.length === 1) return numbers[0]!;
  const sorted = numbers.toSorted((a, b) => Number(a) - Number(b));
  const runs: [string, string][] = [];
  for (const number of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && Number(number) === Number(last[1]) + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return `[${runs.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(',')}]`;
}
