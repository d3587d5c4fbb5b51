import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface EndedCommand {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<EndedCommand>;
}

/** Starts the built command line in a folder, against a cluster. */
export function startEtcdperf(
  args: readonly string[],
  { cwd, endpoints }: { readonly cwd: string; readonly endpoints: readonly string[] },
): RunningCommand {
  const { NODE_ENV: _testing, ETCDPERF_INVENTORY: _inventory, POD_IP: _pod, ...env } = process.env;
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...env, ETCDPERF_ENDPOINTS: endpoints.join(',') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<EndedCommand>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { process: child, ended };
}

/** A results file as a spreadsheet opens it: the header, and each line by the header's names. */
export interface Sheet {
  readonly header: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** Reads whole lines of RFC 4180. Throws where a line has more or fewer fields than the header, or breaks off. */
export function readSheet(path: string): Sheet {
  const records = existsSync(path) ? parseCsv(readFileSync(path, 'utf8')) : [];
  const [header = [], ...lines] = records;
  const rows = lines.map((fields) => {
    if (fields.length !== header.length) throw new Error(`${fields.length} fields for ${header.length} columns`);
    return Object.fromEntries(header.map((name, column) => [name, fields[column]!]));
  });
  return { header, rows };
}

/** What stands between two separators, quoted or not, and the separator. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n)/y;

function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let fields: string[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const { lastIndex } = FIELD;
    const match = FIELD.exec(text);
    if (match === null) throw new Error(`no field, or one without an end: ${text.slice(lastIndex, lastIndex + 80)}`);
    const [, quoted, plain, separator] = match;
    fields.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (separator === ',') continue;
    records.push(fields);
    fields = [];
  }
  return records;
}
