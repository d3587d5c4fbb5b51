import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { InputProblem } from '../errors/index.ts';

export type KeyPath = readonly PropertyKey[];

/** Where in a file something stands, and what is wrong with it. */
export interface SourceMap {
  /** `file:line:column` of the value at a path, or of its key; of the nearest parent where the path doesn't exist. */
  where(path: KeyPath, part?: 'key' | 'value'): string;
}

/** A YAML file whose values can be traced back to line and column. */
export interface YamlSource extends SourceMap {
  readonly data: unknown;
  readonly problems: readonly InputProblem[];
  /** False where the text is so broken that `data` says nothing. */
  readonly usable: boolean;
}

/** @param name how the file is called in messages */
export function parseYaml(text: string, name: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'error' });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  // What follows the first syntax error is mostly its echo.
  const [syntaxError] = document.errors.filter((error) => error.code !== 'DUPLICATE_KEY');
  const told = document.errors.filter((error) => error.code === 'DUPLICATE_KEY' || error === syntaxError);
  const problems = [...told, ...document.warnings].map((error) => ({
    where: position(error.pos[0]),
    message:
      error.code === 'DUPLICATE_KEY' ? 'the same key twice in one map' : `not valid YAML: ${firstLine(error.message)}`,
    hint: yamlHint(error.code, lineAt(text, error.pos[0])),
  }));

  const where = (path: KeyPath, part: 'key' | 'value' = 'value'): string => {
    let node: unknown = document.contents;
    let offset = startOf(node) ?? 0;
    path.forEach((segment, i) => {
      const found = step(node, segment);
      const last = i === path.length - 1;
      const shown = last && part === 'key' ? (found?.key ?? found?.value) : (found?.value ?? found?.key);
      offset = startOf(shown) ?? offset;
      node = found?.value;
    });
    return position(offset);
  };

  const step = (parent: unknown, segment: PropertyKey): { key?: unknown; value: unknown } | undefined => {
    const node = isAlias(parent) ? parent.resolve(document) : parent;
    if (isSeq(node)) return { value: node.items[Number(segment)] };
    if (!isMap(node)) return undefined;
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
    return pair === undefined ? undefined : { key: pair.key, value: pair.value };
  };

  const usable = document.errors.every((error) => error.code === 'DUPLICATE_KEY');
  try {
    return { data: usable ? document.toJS() : undefined, problems, usable, where };
  } catch (error) {
    // Aliases that refer to nothing, or to so much that it would fill the memory.
    const problem = { where: `${name}:1:1`, message: `not valid YAML: ${firstLine((error as Error).message)}` };
    return { data: undefined, problems: [...problems, problem], usable: false, where };
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!;
}

function lineAt(text: string, offset: number): string {
  return text.slice(text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1).split('\n', 1)[0]!;
}

function yamlHint(code: string, line: string): string | undefined {
  if (code === 'TAB_AS_INDENT') return 'indent with spaces';
  if (code === 'DUPLICATE_KEY') return undefined;
  if (/[\s:][[{][^#]*[\w.]\[/.test(line)) return "inside [ ] or { }, a range needs quotes: 'node[1-3]'";
  if (/^[^#'"]*:\s*[@!*&%`]/.test(line)) return "a value that starts with one of @ ! * & % ` needs quotes: '@agents'";
  if (/^\s*-\s*[@!*&%`]/.test(line)) return "a value that starts with one of @ ! * & % ` needs quotes: '@agents'";
  return undefined;
}
