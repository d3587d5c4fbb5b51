import { readFileSync } from 'node:fs';
import { InputError, type InputProblem } from '../errors/index.ts';
import { parsePattern, type WorkloadParts } from '../workload/index.ts';
import { displayPath } from './display-path.ts';
import { findWorkload } from './find-workload.ts';
import { nearestFile } from './nearest-file.ts';
import { parseDuration } from './parse-duration.ts';
import { pathText, schemaProblems } from './schema-problems.ts';
import { workloadParts } from './workload-parts.ts';
import { type WorkloadFile, workloadSchema } from './workload-schema.ts';
import { type KeyPath, parseYaml, type YamlSource } from './yaml-source.ts';

/** What `loadWorkload` does, without its loading on demand. */
export function readWorkload(asked: string, presets: string | undefined): WorkloadParts {
  const file = findWorkload(asked, presets);
  const name = displayPath(file);
  const source = parseYaml(readText(file, name), name);
  if (!source.usable) throw invalid(name, source.problems);
  if (source.data === null || source.data === undefined) {
    throw new InputError('the workload is empty', { where: name, hint: 'conf/workloads has examples to copy' });
  }
  const checked = workloadSchema.safeParse(source.data, { reportInput: true });
  const problems = [
    ...source.problems,
    ...(checked.success
      ? contradictions(checked.data, source)
      : schemaProblems(workloadSchema, checked.error.issues, source)),
  ];
  if (!checked.success || problems.length > 0) throw invalid(name, problems);
  return workloadParts(checked.data);
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new InputError('no such workload', { where: name, hint: nearestFile(file), cause });
    throw new InputError(`can't read the workload: ${message}`, { where: name, cause });
  }
}

function invalid(name: string, problems: readonly InputProblem[]): InputError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new InputError(`the workload has ${count}`, { where: name, problems });
}

/** What the schema can't know. */
function contradictions(file: WorkloadFile, source: YamlSource): InputProblem[] {
  const { valueBytes, leases, watches } = file;
  const problems = patternProblems(file, source);
  const problem = (path: KeyPath, message: string) =>
    problems.push({ where: source.where(path), message: `${pathText(path)}: ${message}` });
  if (typeof valueBytes === 'object' && valueBytes.min > valueBytes.max) {
    problem(['valueBytes', 'min'], `must be at most max, ${valueBytes.max}, not ${valueBytes.min}`);
  }
  if (leases?.ttl !== undefined && parseDuration(leases.ttl) % 1000 !== 0) {
    problem(['leases', 'ttl'], `must be whole seconds, not '${leases.ttl}'`);
  }
  if (watches?.perLevel.every((count) => count === 0)) {
    problem(['watches', 'perLevel'], 'no level has a watcher');
  }
  return problems;
}

function patternProblems({ pattern, rules }: WorkloadFile, source: YamlSource): InputProblem[] {
  if (pattern === undefined) return [];
  // Rules that the file doesn't have may come from flags.
  const named = [...pattern.matchAll(/:([a-z_]\w*)/gi)].map(([, name]) => [name!, ['a']]);
  try {
    parsePattern(pattern, { ...Object.fromEntries(named), ...rules });
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ where: source.where(['pattern']), message: error.message, hint: error.hint }];
  }
}
