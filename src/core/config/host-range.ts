/** A range that can't be expanded: the message says why. */
export class HostRangeError extends Error {}

const MAX_NAMES = 100_000;
const BRACKETS = /\[([^[\]]*)\]/g;

/**
 * Expands `node[1-3,7]` to node1, node2, node3, node7; `rack[1-2]-node[01-12]` in the order of an odometer; zeros in
 * front are kept (`[01-12]`). What has no brackets is returned as it is. Throws HostRangeError.
 */
export function expandHostRange(pattern: string): string[] {
  const fixed: string[] = [];
  const choices: string[][] = [];
  let end = 0;
  for (const match of pattern.matchAll(BRACKETS)) {
    fixed.push(pattern.slice(end, match.index));
    choices.push(expandNumbers(match[1]!));
    end = match.index + match[0].length;
  }
  fixed.push(pattern.slice(end));
  if (fixed.some((text) => /[[\]]/.test(text))) throw new HostRangeError(`a bracket of '${pattern}' has no partner`);
  const total = choices.reduce((product, numbers) => product * numbers.length, 1);
  if (total > MAX_NAMES) throw new HostRangeError(`'${pattern}' makes ${total} names; the most is ${MAX_NAMES}`);

  let names = [fixed[0]!];
  choices.forEach((numbers, i) => {
    names = names.flatMap((name) => numbers.map((number) => name + number + fixed[i + 1]!));
  });
  return names;
}

/** Splits `a[1,3],b` at the commas that are not in brackets; empty parts are dropped. */
export function splitHostList(list: string): string[] {
  return list
    .split(/,(?![^[]*\])/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function expandNumbers(range: string): string[] {
  return range.split(',').flatMap((part) => {
    const match = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part);
    if (match === null) throw new HostRangeError(`'[${range}]' is not a range of numbers such as [1-12] or [1,3,5-7]`);
    const from = match[1]!;
    const to = match[2] ?? from;
    const first = Number(from);
    const last = Number(to);
    if (last < first)
      throw new HostRangeError(`'[${range}]' makes nothing: it ends (${to}) before it starts (${from})`);
    if (last - first >= MAX_NAMES) throw new HostRangeError(`'[${range}]' makes more than ${MAX_NAMES} names`);
    const padded = from.length > 1 && from.startsWith('0');
    if (padded && to.length !== from.length) {
      throw new HostRangeError(`'[${range}]' has ${from.length} digits at its start and ${to.length} at its end`);
    }
    return Array.from({ length: last - first + 1 }, (_, i) =>
      String(first + i).padStart(padded ? from.length : 1, '0'),
    );
  });
}
