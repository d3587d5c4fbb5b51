import type { z } from 'zod';
import { didYouMean, type InputProblem } from '../errors/index.ts';
import type { KeyPath, SourceMap } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

/** What the schema found wrong, in the user's words: key path, place in the file, and a suggestion. */
export function schemaProblems(schema: z.ZodType, issues: readonly Issue[], source: SourceMap): InputProblem[] {
  return plainIssues(issues).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const path = [...issue.path, key];
        return {
          where: source.where(path, 'key'),
          message: `${pathText(path)}: unknown key`,
          hint: hintFor(schema, path),
        };
      });
    }
    const message = `${pathText(issue.path)}: ${describe(issue)}`;
    return [{ where: source.where(issue.path), message, hint: valueHint(schema, issue) }];
  });
}

/** `groups.etcd[1]` */
export function pathText(path: KeyPath): string {
  if (path.length === 0) return 'the file';
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');
}

/** The issues themselves in place of 'no alternative of the union fits'. */
export function plainIssues(issues: readonly Issue[]): Issue[] {
  return issues.flatMap(likeliest);
}

/**
 * Of a union's alternatives, the one that the user meant: the one whose kind (map, list, text) the value has, and of
 * several the one with the fewest faults.
 */
function likeliest(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const ofItsKind = issue.errors.filter(
    (errors) => !errors.some((e) => e.code === 'invalid_type' && e.path.length === 0),
  );
  const meant = ofItsKind.sort((a, b) => faults(a) - faults(b))[0];
  // Of a word or a number, say, a wrong word: all that it could have been is told.
  if (meant === undefined || meant.some((e) => e.code === 'invalid_value' && e.path.length === 0)) return [issue];
  return meant.flatMap((inner) => likeliest({ ...inner, path: [...issue.path, ...inner.path] } as Issue));
}

function faults(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

function describe(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `is missing (${kind(issue.expected)})`;
      return `must be ${kind(issue.expected)}, not ${kindOf(issue.input)}`;
    case 'invalid_union': {
      const kinds = issue.errors.flatMap(([first]) => {
        if (first?.code === 'invalid_value') return first.values.map((value) => `'${String(value)}'`);
        return first?.code === 'invalid_type' ? [kind(first.expected)] : [];
      });
      return `must be ${choice([...new Set(kinds)])}, not ${kindOf(issue.input)}`;
    }
    case 'invalid_value':
      return `must be ${choice(issue.values.map((value) => `'${String(value)}'`))}, not '${String(issue.input)}'`;
    case 'too_small':
      if (issue.origin === 'string') return 'is empty';
      return `must be at least ${issue.minimum}${issue.inclusive ? '' : ' (exclusive)'}, not ${String(issue.input)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}, not ${String(issue.input)}`;
    default:
      return issue.message;
  }
}

/** `a, b or c` */
function choice(items: readonly string[]): string {
  return items.length < 2 ? items.join() : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}

function kind(expected: string): string {
  const kinds: Record<string, string> = {
    string: 'text',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
    null: 'empty',
  };
  return kinds[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? `'${value}'` : `${typeof value === 'number' ? 'the number ' : ''}${String(value)}`;
}

function valueHint(schema: z.ZodType, issue: Issue): string | undefined {
  const wanted = issue.code === 'invalid_union' ? issue.errors.map(([first]) => first) : [issue];
  if (typeof issue.input === 'string') {
    const words = wanted.flatMap((one) => (one?.code === 'invalid_value' ? one.values.map(String) : []));
    return didYouMean(issue.input, words);
  }
  const textWanted = wanted.some((one) => one?.code === 'invalid_type' && one.expected === 'string');
  if (!textWanted || typeof issue.input !== 'number') return undefined;
  const [example] = nodesAt(schema, issue.path).flatMap((node) => node.meta()?.examples ?? []);
  return example === undefined ? `put it in quotes: '${issue.input}'` : `for example ${example}`;
}

function hintFor(schema: z.ZodType, path: KeyPath): string | undefined {
  const key = String(path.at(-1));
  if (/^(password|passwd|passphrase)$/i.test(key)) {
    return 'a password never stands in the inventory: name its source with passwordFile or passwordEnv';
  }
  const allowed = keysAt(schema, path.slice(0, -1));
  return didYouMean(key, allowed) ?? (allowed.length > 0 ? `known here: ${allowed.join(', ')}` : undefined);
}

/** The keys that maps may have at a path of the schema, all alternatives together. */
function keysAt(schema: z.ZodType, path: KeyPath): string[] {
  return [...new Set(nodesAt(schema, path).flatMap((node) => Object.keys(definition(node).shape ?? {})))];
}

/** What may stand at a path, all alternatives together. */
function nodesAt(schema: z.ZodType, path: KeyPath): z.ZodType[] {
  let nodes = unwrap(schema);
  for (const segment of path) nodes = nodes.flatMap((node) => child(node, segment)).flatMap(unwrap);
  return nodes;
}

interface Definition {
  readonly type: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly options?: readonly z.ZodType[];
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
}

function definition(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition;
}

function unwrap(schema: z.ZodType): z.ZodType[] {
  const { innerType, options } = definition(schema);
  if (innerType !== undefined) return unwrap(innerType);
  return options === undefined ? [schema] : options.flatMap(unwrap);
}

function child(schema: z.ZodType, segment: PropertyKey): z.ZodType[] {
  const { shape, element, valueType } = definition(schema);
  const found = typeof segment === 'number' ? element : (shape?.[String(segment)] ?? valueType);
  return found === undefined ? [] : [found];
}
