import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

/** Runs the command as users do; returns seconds. Rejects where it fails. */
export async function etcdperf(...args: string[]): Promise<number> {
  return timed(() => promisify(execFile)(process.execPath, [BIN, ...args], { maxBuffer: 1 << 26 }));
}

/** Runs a bash script; `args` are its "$1", "$2", …; returns seconds. Rejects where it fails. */
export async function bash(script: string, ...args: string[]): Promise<number> {
  return timed(() => promisify(execFile)('bash', ['-euc', script, 'bash', ...args], { maxBuffer: 1 << 26 }));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/** Each pair back to back; who goes first changes: what one leaves behind must not always be the other's. */
export async function inPairs(
  runs: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
  signal: AbortSignal,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let run = 0; run < runs; run++) {
    signal.throwIfAborted();
    const first = run % 2 === 0 ? await ours() : undefined;
    const other = await theirs();
    pairs.push({ ours: first ?? (await ours()), theirs: other });
    process.stderr.write(`pair ${run + 1}: ${pairs.at(-1)!.ours.toFixed(2)} s, by hand ${other.toFixed(2)} s\n`);
  }
  return pairs;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
