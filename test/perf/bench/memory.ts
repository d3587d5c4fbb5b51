import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WireClient } from '@etcdperf/core/wire';
import type { Check } from './checks.ts';
import { openSite } from './site.ts';
import { spreadOf } from './statistics.ts';
import type { Tool } from './tools.ts';

const LIMIT_MB = 80;
/** What may come and go between two collections. */
const FLAT_MB = 6;
const SAMPLE_MS = 2000;

/** Resident memory of puts, 1000 clients on 100 connections, over minutes: its peak, and whether it grows. */
export async function measureMemory(
  tool: Tool,
  folder: string,
  minutes: number,
  onStep: (text: string) => void,
): Promise<Check[]> {
  await using site = await openSite('memory', folder);
  const load = ['--key-size=8', '--val-size=256', '--key-space-size=100000', '--conns=100', '--clients=1000'];
  const argv = tool.argv(['put', ...load, `--duration=${minutes * 60}s`, ...site.flags]);
  const child = spawn(argv[0]!, argv.slice(1), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-1000);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await using client = await WireClient.connect({ endpoints: site.cluster.endpoints });
  const rssMb: number[] = [];
  while (child.exitCode === null && child.signalCode === null) {
    await sleep(SAMPLE_MS);
    const now = statusMb(child.pid!, 'VmRSS');
    if (Number.isNaN(now)) break;
    rssMb.push(now);
    if (rssMb.length % 15 !== 0) continue;
    onStep(`memory: ${now.toFixed(1)} MB after ${(rssMb.length * SAMPLE_MS) / 1000} s`);
    // Ten minutes of puts are more history than memory holds.
    const { header } = await client.range('none');
    await client.compact(header.revision);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`the measured process ended with ${code}: ${stderr}`);
  // The first tenth holds the start: compiling, and buffers that grow to what is needed.
  const settled = rssMb.slice(Math.ceil(rssMb.length / 10));
  const half = settled.length >> 1;
  const growth = spreadOf(settled.slice(half)).median - spreadOf(settled.slice(0, half)).median;
  return [
    {
      name: `memory, ${minutes} min: RSS, peak`,
      actual: Math.max(...rssMb),
      unit: 'MB',
      limit: { is: 'at most', value: LIMIT_MB },
    },
    { name: `memory, ${minutes} min: RSS, median`, actual: spreadOf(rssMb).median, unit: 'MB' },
    {
      name: 'memory: second half over first half, medians',
      actual: growth,
      unit: 'MB',
      limit: { is: 'at most', value: FLAT_MB },
    },
  ];
}

function statusMb(pid: number, field: 'VmRSS'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}
