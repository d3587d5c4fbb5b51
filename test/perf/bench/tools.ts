import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadReport } from '@etcdperf/core/load';
import { findEtcdTool } from '@etcdperf/core/testing';

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

/** What a tool says of its own run. Latencies in ms. */
export interface Said {
  /** Requests that were answered, or events that were received. */
  readonly done: number;
  readonly failed: number;
  readonly perSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface Tool {
  readonly name: 'ours' | 'go';
  /** @param args command, flags and positional arguments, as both tools know them */
  argv(args: readonly string[]): string[];
  read(stdout: string): Said;
}

/** The command that users run, under this node. */
export function ourTool(folder: string): Tool {
  return {
    name: 'ours',
    argv: ([command, ...args]) => [
      ...[process.execPath, bin, `bench:${command}`, ...args],
      ...['--json', '--runs-dir', join(folder, 'runs')],
    ],
    read: (stdout) => {
      const report = JSON.parse(stdout) as LoadReport;
      for (const { count, outcome, message } of report.errors)
        process.stderr.write(`  ${count} × ${outcome}: ${message}\n`);
      return summarize(report);
    },
  };
}

/** Of a watch's report the events count that came, else every request. */
export function summarize({ series }: Pick<LoadReport, 'series'>): Said {
  const events = series.filter(({ name }) => name === 'delivery');
  const counted = events.length > 0 ? events : series;
  const sum = (pick: (one: (typeof counted)[number]) => number) =>
    counted.reduce((total, one) => total + (pick(one) || 0), 0);
  const worst = (pick: (one: (typeof counted)[number]) => number) => Math.max(...counted.map(pick));
  return {
    done: sum(({ ok }) => ok),
    failed: sum(({ fail, unknown }) => fail + unknown),
    perSec: sum(({ perSec }) => perSec),
    p50Ms: worst(({ latency }) => latency.p50Ms),
    p99Ms: worst(({ latency }) => latency.p99Ms),
    maxMs: worst(({ latency }) => latency.maxMs),
  };
}

/** etcd's `benchmark`, as test/tools/etcd-benchmark pins it. */
export async function goTool(): Promise<Tool> {
  const program = await findEtcdTool('benchmark');
  return { name: 'go', argv: (args) => [program, ...args], read: readGoReport };
}

/**
 * Reads what `benchmark` prints. It may hold several summaries: those of reads and of writes count together, of a
 * watch's only the last one, which is of events.
 */
function readGoReport(stdout: string): Said {
  const isWatch = stdout.includes('Watch events received summary');
  const summaries = stdout.split('Summary:').slice(isWatch ? -1 : 1);
  const numbers = (pattern: RegExp) => summaries.map((text) => Number(pattern.exec(text)?.[1] ?? Number.NaN));
  const perSec = numbers(/Requests\/sec:\s+([\d.]+)/);
  const seconds = numbers(/Total:\s+([\d.]+) secs/);
  const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const failures = [...stdout.matchAll(/^\s*\[(\d+)\]\s/gm)].map((match) => Number(match[1]));
  return {
    // It prints no count.
    done: Math.round(add(perSec.map((rate, index) => rate * seconds[index]!))),
    failed: add(failures),
    perSec: add(perSec),
    p50Ms: 1000 * Math.max(...numbers(/50% in ([\d.]+) secs/)),
    p99Ms: 1000 * Math.max(...numbers(/ 99% in ([\d.]+) secs/)),
    maxMs: 1000 * Math.max(...numbers(/Slowest:\s+([\d.]+) secs/)),
  };
}
