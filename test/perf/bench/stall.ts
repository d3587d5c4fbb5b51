import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from './checks.ts';
import { measureProcess } from './measure-process.ts';
import { openSite } from './site.ts';
import type { Tool } from './tools.ts';

const RATE = 5000;
const TOTAL = 50_000;
const STALL_MS = 1000;

/** etcd is frozen for a second in the middle of ten: what does each tool's p99 say? Who waited must be seen. */
export async function measureStall(tools: { ours: Tool; go: Tool }, folder: string): Promise<Check[]> {
  const run = async (tool: Tool) => {
    await using site = await openSite('memory', folder);
    const put = ['put', '--key-size=8', '--val-size=256', '--key-space-size=100000', '--conns=10', '--clients=100'];
    const running = measureProcess(tool.argv([...put, `--rate=${RATE}`, `--total=${TOTAL}`, ...site.flags]), folder);
    await sleep((TOTAL / RATE / 2) * 1000);
    const [member] = site.cluster.members;
    member!.pause();
    await sleep(STALL_MS);
    member!.resume();
    return tool.read((await running).stdout);
  };
  const ours = await run(tools.ours);
  const go = await run(tools.go);
  return [
    // A tenth of the requests waited, from the whole stall down to none of it: p99 is nine tenths of it, and more.
    { name: 'stall of 1 s: p99', actual: ours.p99Ms, unit: 'ms', limit: { is: 'at least', value: 0.85 * STALL_MS } },
    { name: 'stall of 1 s: max', actual: ours.maxMs, unit: 'ms', limit: { is: 'at least', value: 0.95 * STALL_MS } },
    { name: 'stall of 1 s: answered', actual: ours.done, unit: '', limit: { is: 'at least', value: TOTAL } },
    { name: 'stall of 1 s: Go, p99', actual: go.p99Ms, unit: 'ms' },
    { name: 'stall of 1 s: Go, max', actual: go.maxMs, unit: 'ms' },
  ];
}
