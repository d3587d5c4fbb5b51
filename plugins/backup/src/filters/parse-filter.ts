import { didYouMean, InputError } from '@etcdperf/core/errors';
import type { KeyPage } from '../contents/key-page.ts';
import { TypeSpan } from '../kubernetes/type-span.ts';
import type { Filter } from './filter.ts';

const NAMES = ['key', 'size', 'version', 'lease', 'kind', 'api_version'] as const;
/** Longer ones first. */
const OPERATORS = ['!~', '~', '>=', '<=', '!=', '>', '<', '='] as const;
type Operator = (typeof OPERATORS)[number];

/**
 * Reads what keys must be like:
 *
 * - `key~REGEX`, `key!~REGEX`: the key, or a part of it, matches the regular expression, or doesn't
 * - `size>100KB`, also `>=` `<` `<=` `=` `!=`: of the value in bytes, kB, MB, GB (1000), KiB, MiB, GiB (1024)
 * - `version>10`: puts since the key was created
 * - `lease`, `lease=none`, `lease=HEX`, `lease!=HEX`: has one, has none, has this one, has not this one
 * - `kind=Pod`, `kind!=Pod`, `api_version=v1`: the Kubernetes object in it
 *
 * Throws InputError, which names the character.
 */
export function parseFilter(text: string): Filter {
  const name = NAMES.find((known) => new RegExp(`^${known}(?![a-z_])`).test(text));
  if (name === undefined) {
    const [word = ''] = /^\w*/.exec(text) ?? [];
    throw wrong(text, 0, word === '' ? 'a name is missing' : `there is no '${word}'`, {
      hint: didYouMean(word, NAMES) ?? `filters are of ${NAMES.join(', ')}`,
    });
  }
  const rest = text.slice(name.length);
  if (name === 'lease' && rest === '') return leased(text);
  const operator = OPERATORS.find((known) => rest.startsWith(known));
  const allowed = OPERATORS_OF[name];
  if (operator === undefined || !allowed.includes(operator))
    throw wrong(text, name.length, `${name} takes ${allowed.join(' ')}`);
  const at = name.length + operator.length;
  const operand = text.slice(at);
  if (operand === '') throw wrong(text, at, `nothing follows ${operator}`);
  switch (name) {
    case 'key':
      return matching(text, at, operand, operator === '!~');
    case 'size':
      return comparing(text, sizeIn(text, at, operand), operator, valueSize, true);
    case 'version':
      return comparing(text, countIn(text, at, operand), operator, versionOf, false);
    case 'lease':
      return withLease(text, leaseIn(text, at, operand), operator === '!=');
    case 'kind':
    case 'api_version':
      return ofType(text, name, nameIn(text, at, operand), operator === '!=');
    default:
      return name satisfies never;
  }
}

const COMPARISONS: readonly Operator[] = ['>', '>=', '<', '<=', '=', '!='];
const EQUALITY: readonly Operator[] = ['=', '!='];
const OPERATORS_OF: Record<(typeof NAMES)[number], readonly Operator[]> = {
  key: ['~', '!~'],
  size: COMPARISONS,
  version: COMPARISONS,
  lease: EQUALITY,
  kind: EQUALITY,
  api_version: EQUALITY,
};

function valueSize(page: KeyPage, row: number): number {
  return page.valueEnd[row]! - page.valueStart[row]!;
}

function versionOf(page: KeyPage, row: number): number {
  return page.version[row]!;
}

function matching(text: string, at: number, operand: string, isNegated: boolean): Filter {
  let regex: RegExp;
  try {
    regex = new RegExp(operand);
  } catch (error) {
    // `Invalid regular expression: /(/: Unterminated group`
    const [, why] = /: ([^:]*)$/.exec((error as Error).message) ?? [];
    throw wrong(text, at, `this is no regular expression: ${why?.toLowerCase() ?? 'unknown'}`);
  }
  return {
    text,
    needsValues: false,
    matches: ({ bytes, keyStart, keyEnd }, row) =>
      regex.test(bytes.toString('utf8', keyStart[row]!, keyEnd[row]!)) !== isNegated,
  };
}

function comparing(
  text: string,
  limit: number,
  operator: Operator,
  figure: (page: KeyPage, row: number) => number,
  needsValues: boolean,
): Filter {
  const of = (compare: (figure: number) => boolean): Filter => ({
    text,
    needsValues,
    matches: (page, row) => compare(figure(page, row)),
  });
  switch (operator) {
    case '>':
      return of((actual) => actual > limit);
    case '>=':
      return of((actual) => actual >= limit);
    case '<':
      return of((actual) => actual < limit);
    case '<=':
      return of((actual) => actual <= limit);
    case '=':
      return of((actual) => actual === limit);
    default:
      return of((actual) => actual !== limit);
  }
}

function leased(text: string): Filter {
  return { text, needsValues: false, matches: (page, row) => page.lease[row] !== 0n };
}

function withLease(text: string, lease: bigint, isNegated: boolean): Filter {
  return { text, needsValues: false, matches: (page, row) => (page.lease[row] === lease) !== isNegated };
}

function ofType(text: string, name: 'kind' | 'api_version', wanted: string, isNegated: boolean): Filter {
  const span = new TypeSpan();
  return {
    text,
    needsValues: true,
    matches: ({ bytes, valueStart, valueEnd }, row) => {
      if (!span.find(bytes, valueStart[row]!, valueEnd[row]!)) return isNegated;
      const [start, end] =
        name === 'kind' ? [span.kindStart, span.kindEnd] : [span.apiVersionStart, span.apiVersionEnd];
      return (bytes.toString('latin1', start, end) === wanted) !== isNegated;
    },
  };
}

const UNITS = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 } as const;

function sizeIn(text: string, at: number, operand: string): number {
  const [number] = /^\d+(\.\d+)?/.exec(operand) ?? [];
  if (number === undefined) throw wrong(text, at, 'a size is wanted: 100KB');
  const unit = operand.slice(number.length).toLowerCase();
  const bytes = unit === '' ? 1 : UNITS[unit as keyof typeof UNITS];
  if (bytes === undefined || !Object.hasOwn(UNITS, unit === '' ? 'b' : unit))
    throw wrong(text, at + number.length, 'units are B, kB, MB, GB, KiB, MiB, GiB');
  return Number(number) * bytes;
}

function countIn(text: string, at: number, operand: string): number {
  const [digits] = /^\d*/.exec(operand) ?? [''];
  if (digits !== operand) throw wrong(text, at + digits.length, 'a whole number is wanted');
  return Number(operand);
}

function leaseIn(text: string, at: number, operand: string): bigint {
  if (operand === 'none') return 0n;
  const [prefix, digits] = /^(?:0x)?([0-9a-f]*)/i.exec(operand) ?? ['', ''];
  if (prefix !== operand || digits === '')
    throw wrong(text, at + prefix.length, "a lease's id is hexadecimal, as etcdctl prints it; without one it is none");
  if (digits!.length > 16) throw wrong(text, at + prefix.length - digits!.length + 16, 'a lease has at most 16 digits');
  return BigInt.asIntN(64, BigInt(`0x${digits}`));
}

function nameIn(text: string, at: number, operand: string): string {
  const [name] = /^[A-Za-z0-9./-]*/.exec(operand) ?? [''];
  if (name !== operand) throw wrong(text, at + name.length, 'a name has letters, digits and - . / in it');
  return operand;
}

/** `at`: of the character that is wrong, from 0. */
function wrong(
  text: string,
  at: number,
  message: string,
  { hint }: { readonly hint?: string | undefined } = {},
): InputError {
  return new InputError(`the filter '${text}' can't be understood at character ${at + 1}: ${message}`, { hint });
}
