import * as Flags from '@oclif/core/flags';
import { InputError } from '../errors/index.ts';

/** A rule of the user's own: what `:name` stands for in a pattern. */
export interface NamedRule {
  readonly name: string;
  readonly values: readonly string[];
}

/** `name=a,b,c`. Throws InputError for anything else. */
export function parseRule(text: string): NamedRule {
  const [, name, list] = /^:?([A-Za-z][\w-]*)=(.+)$/.exec(text.trim()) ?? [];
  const values = list?.split(',').map((value) => value.trim()) ?? [];
  if (name !== undefined && values.every((value) => value !== '' && !value.includes('/'))) return { name, values };
  throw new InputError(`'${text}' is no rule`, { hint: "write its name and values: 'zone=a,b,c' for :zone" });
}

export const ruleFlag = Flags.custom<NamedRule>({
  parse: async (text) => parseRule(text),
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'NAME=VALUE,…',
});

/** All rules by name. Throws InputError for one that is given twice. */
export function rulesFrom(rules: readonly NamedRule[]): Readonly<Record<string, readonly string[]>> {
  const twice = rules.find(({ name }, index) => rules.findIndex((rule) => rule.name === name) !== index);
  if (twice !== undefined) throw new InputError(`the rule ${twice.name} is given twice`, { where: '--rule' });
  return Object.fromEntries(rules.map(({ name, values }) => [name, values]));
}
