import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, type Node, type Pair, parseDocument, stringify, type YAMLMap } from 'yaml';

/**
 * The text with the value at `path` set, nothing else changed, no comment lost; the same text where it says so already.
 * Undefined where the text is no YAML, or where something that is no map stands in the way.
 */
export function setYamlValue(text: string, path: readonly string[], value: unknown): string | undefined {
  const document = parse(text);
  if (document.errors.length > 0) return undefined;
  const before = document.toJS() as unknown;
  const wanted = parse(text);
  try {
    wanted.setIn(path, wanted.createNode(value));
  } catch {
    return undefined;
  }
  const after = wanted.toJS() as unknown;
  if (isDeepStrictEqual(before, after)) return text;

  // Printing the whole document again would keep comments, but not the way people lay out their files. Where the place
  // is a block map, only its own lines are written; the proof is that the result reads as wanted.
  const spliced = splice(text, document, path, value);
  return spliced !== undefined && isDeepStrictEqual(read(spliced), after) ? spliced : wanted.toString({ lineWidth: 0 });
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { prettyErrors: false, merge: true, logLevel: 'error' });
}

function read(text: string): unknown {
  const document = parse(text);
  return document.errors.length > 0 ? undefined : document.toJS();
}

function splice(text: string, document: Document.Parsed, path: readonly string[], value: unknown): string | undefined {
  const key = path.at(-1)!;
  const parent = document.getIn(path.slice(0, -1));
  if (!isMap(parent) || parent.flow || parent.items.length === 0) return undefined;
  const indent = indentOf(text, parent);
  if (indent === undefined) return undefined;
  const lines = stringify({ [key]: value }, { lineWidth: 0 })
    .split('\n')
    .map((line) => (line === '' ? '' : indent + line))
    .join('\n');
  const existing = parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
  if (existing === undefined) {
    const end = endOf(parent.items.at(-1) as Pair<Node, Node | null>);
    const newline = text.indexOf('\n', end);
    const at = end > 0 && text[end - 1] === '\n' ? end : newline === -1 ? text.length : newline + 1;
    const gap = at > 0 && text[at - 1] !== '\n' ? '\n' : '';
    return text.slice(0, at) + gap + lines + text.slice(at);
  }
  const start = (existing.key as Node).range![0];
  const end = endOf(existing as Pair<Node, Node | null>);
  const rest = text.slice(end);
  // What stands behind the old value on its line is a comment of it.
  const written = lines.slice(indent.length).replace(/\n$/, '');
  return `${text.slice(0, start)}${written}${text[end - 1] === '\n' ? '\n' : ''}${rest}`;
}

/** The white space before the keys of a block map; undefined where a key shares its line with something else. */
function indentOf(text: string, map: YAMLMap): string | undefined {
  const start = (map.items[0]!.key as Node | null)?.range?.[0];
  if (start === undefined) return undefined;
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /^ *$/.test(before) ? before : undefined;
}

/** Where the last thing of a pair that isn't a comment ends. */
function endOf({ key, value }: Pair<Node, Node | null>): number {
  if (value === null || value.range == null) return key.range![1];
  if (isMap(value) && !value.flow && value.items.length > 0)
    return endOf(value.items.at(-1) as Pair<Node, Node | null>);
  return value.range[1];
}
