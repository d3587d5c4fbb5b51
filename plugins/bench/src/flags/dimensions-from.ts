import { InputError } from '@etcdperf/core/errors';
import { expandValues } from '../services/sweep/expand-values.ts';
import type { Dimension } from '../services/sweep/sweep-plan.ts';
import { listFlags } from './sweep-flags.ts';

/** A word of the command line, as oclif's parser tells them. */
export type RawToken =
  | { readonly type: 'arg'; readonly input: string }
  | { readonly type: 'flag'; readonly flag: string; readonly input: string };

/**
 * What is varied, in the order of the command line, with `defaults` at the end for what it doesn't name. Throws
 * InputError for a list that is none and for what is named twice.
 */
export function dimensionsFrom(raw: readonly RawToken[], defaults: Readonly<Record<string, string>> = {}): Dimension[] {
  const lists = new Map<string, { readonly text: string; readonly where: string }>();
  const add = (name: string, text: string, where: string) => {
    if (lists.has(name)) throw new InputError(`${name} is varied twice`, { where });
    lists.set(name, { text, where });
  };
  for (const token of raw) {
    if (token.type !== 'flag') continue;
    if (token.flag in listFlags) add(token.flag, token.input, `--${token.flag}`);
    if (token.flag !== 'vary') continue;
    const match = /^(?:--)?([a-z][a-z0-9-]*)=(.+)$/s.exec(token.input);
    if (match === null)
      throw new InputError(`'${token.input}' names no flag and its values`, {
        where: '--vary',
        hint: 'like --vary txn-ops=1,10,100',
      });
    add(match[1] === 'conns' ? 'connections' : match[1]!, match[2]!, `--vary ${match[1]}`);
  }
  for (const [name, text] of Object.entries(defaults)) {
    if (!lists.has(name)) lists.set(name, { text, where: `--${name}` });
  }
  return [...lists].map(([name, { text, where }]) => ({ name, values: expandValues(text, where) }));
}
