import { didYouMean, type InputProblem } from '../errors/index.ts';
import { expandHostRange, HostRangeError } from './host-range.ts';

/** What patterns are matched against. */
export interface HostNames {
  /** In the inventory's order. */
  readonly names: ReadonlySet<string>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/**
 * The hosts that one pattern of `--limit` stands for: a group (`etcd`, `@etcd`), `all`, or a host, glob or range.
 * What stands for nothing is a problem.
 */
export function matchHosts(pattern: string, known: HostNames): { names: readonly string[]; problems: InputProblem[] } {
  const group = known.groups.get(pattern.replace(/^@/, ''));
  if (group !== undefined) return { names: group, problems: [] };
  if (pattern === 'all') return { names: [...known.names], problems: [] };
  try {
    const found = expandHostRange(pattern).map((one) => ({ one, names: namesLike(one, known.names) }));
    const missing = found.filter(({ names }) => names.length === 0);
    return { names: found.flatMap(({ names }) => names), problems: missing.map(({ one }) => unknown(one, known)) };
  } catch (error) {
    if (!(error instanceof HostRangeError)) throw error;
    return { names: [], problems: [{ where: '--limit', message: error.message }] };
  }
}

function namesLike(pattern: string, names: ReadonlySet<string>): string[] {
  if (!isGlob(pattern)) return names.has(pattern) ? [pattern] : [];
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return [...names].filter((name) => expression.test(name));
}

function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

function unknown(pattern: string, { names, groups }: HostNames): InputProblem {
  const where = '--limit';
  if (isGlob(pattern)) return { where, message: `no host matches '${pattern}'` };
  if (!pattern.startsWith('@')) {
    const hint = didYouMean(pattern, [...names, ...groups.keys()]);
    return { where, message: `no host or group '${pattern}'`, hint };
  }
  const group = pattern.slice(1);
  return { where, message: `no group '${group}'`, hint: didYouMean(group, groups.keys()) };
}
