import { didYouMean, InputError } from '../../errors/index.ts';
import type { PatternPart } from './pattern.ts';
import type { PatternScanner } from './pattern-scanner.ts';
import { ID_RULES, IP_RULE, SETS } from './standard-rules.ts';

/** What each `:name` stands for; undefined: ids, or the address. */
export type Rules = ReadonlyMap<string, readonly string[] | undefined>;

/** The standard rules, and the user's own beside or in place of them. Throws InputError for one that can't be. */
export function standardAnd(own: Readonly<Record<string, readonly string[]>>): Rules {
  for (const [name, values] of Object.entries(own)) checkRule(name, values);
  return new Map<string, readonly string[] | undefined>([
    ...Object.entries(SETS),
    ...[...ID_RULES, IP_RULE].map((name) => [name, undefined] as const),
    ...Object.entries(own),
  ]);
}

/** `:name`. */
export function parseRule(scanner: PatternScanner, rules: Rules): PatternPart {
  const at = scanner.at;
  scanner.take();
  const name = scanner.match(/[a-z_][a-z0-9_]*/iy);
  const all = [...rules.keys()].sort();
  if (name === '') scanner.fail('which rule?', { at, hint: `there are :${all.join(' :')}; a plain colon is \\:` });
  if (!rules.has(name))
    scanner.fail(`there is no rule :${name}`, {
      at,
      hint: `${didYouMean(name, all) ?? `there are :${all.join(' :')}`}; one of your own: --rule ${name}=one,two; a plain colon: \\:`,
    });
  const values = rules.get(name);
  return values === undefined ? { kind: 'rule', name } : { kind: 'rule', name, values };
}

function checkRule(name: string, values: readonly string[]): void {
  const fail = (problem: string): never => {
    throw new InputError(`rule ${name}: ${problem}`, { hint: 'a rule is a name and its values: planet=venus,mars' });
  };
  if (!/^[a-z_][a-z0-9_]*$/i.test(name)) fail('a name is made of letters, digits and underscores');
  if (values.length === 0) fail('it has no values');
  for (const [index, value] of values.entries()) {
    if (value === '') fail('one of its values is empty');
    if (value.includes('/')) fail(`'${value}' has a slash in it, which would begin a level`);
    if (values.indexOf(value) !== index) fail(`'${value}' is there twice`);
  }
}
