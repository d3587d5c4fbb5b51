import type { InputProblem } from '../errors/index.ts';
import { type InventoryFile, inventorySchema } from './inventory-schema.ts';
import { plainIssues, schemaProblems } from './schema-problems.ts';
import type { KeyPath, YamlSource } from './yaml-source.ts';

export interface ParsedFile {
  /** The file's content without what was wrong. */
  readonly file: InventoryFile;
  readonly problems: readonly InputProblem[];
  /** The top-level keys of which whole entries had to be left out: what refers to these can't be judged. */
  readonly incomplete: ReadonlySet<string>;
}

/** Checks a file's shape. What is wrong is taken out and the rest kept, so that the rest can be checked further. */
export function parseInventoryFile(source: YamlSource): ParsedFile {
  const checked = inventorySchema.safeParse(source.data, { reportInput: true });
  if (checked.success) return { file: checked.data, problems: [], incomplete: new Set() };

  const problems = schemaProblems(inventorySchema, checked.error.issues, source);
  const incomplete = new Set<string>();
  let data = structuredClone(source.data);
  let issues = plainIssues(checked.error.issues);
  // Taking out a wrong value is enough unless it was needed; then what needs it goes too, level by level.
  for (let up = 0; ; up++) {
    for (const issue of issues) {
      const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      for (const path of paths) data = without(data, path.slice(0, Math.max(0, path.length - up)), incomplete);
    }
    const again = inventorySchema.safeParse(data, { reportInput: true });
    if (again.success) return { file: again.data, problems, incomplete };
    issues = plainIssues(again.error.issues);
  }
}

/** A list is taken out whole rather than shortened, which would shift the places of the rest. */
function without(data: unknown, path: KeyPath, incomplete: Set<string>): unknown {
  let end = path.length;
  while (end > 0 && typeof path[end - 1] === 'number') end--;
  if (end === 0) {
    for (const section of Object.keys(inventorySchema.shape)) incomplete.add(section);
    return {};
  }
  if (end <= 2) incomplete.add(String(path[0]));
  const parents = path.slice(0, end - 1);
  const parent = parents.reduce<unknown>(
    (node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key],
    data,
  );
  if (parent !== null && typeof parent === 'object') Reflect.deleteProperty(parent, path[end - 1]!);
  return data;
}
