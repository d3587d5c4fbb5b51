// npm run perf -- driver: keys and values made from patterns, per CPU second, and what a space of 10^9 keys takes. Alone:
// node --conditions=etcdperf-source test/perf/driver/generate.ts
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openPatternSpace, type PatternSpace, parsePattern, Random } from '@etcdperf/core/workload';
import { type Check, isMet, renderCheck } from '../bench/checks.ts';
import { spreadOf } from '../bench/statistics.ts';

const DOCUMENTED =
  '/prefix/:ip/%level2-%06d[2]/%level3-%04d[6]/%level4-%04d[2]/%level5-%040d[100]/%level6-%040d[10]/%leaf7-%06d[5];' +
  '[0-9]{140,160}';
/** 10^9 keys. */
const HUGE = '/prefix/:ip/%region-%02d[10]/%cluster-%06d[100000]/%worker-%03d[1000];[0-9]{140,160}';
const HUGE_GENERATED = '/prefix/%cluster-%06d[1000000]/[a-z0-9]{30};[0-9]{140,160}';
const PAIRS = 1_000_000;
const ROUNDS = 5;
const LIMIT_PER_SEC = 1_000_000;
const LIMIT_MB = 100;

function open(pattern: string, keysPerCombination = 1): PatternSpace {
  return openPatternSpace(parsePattern(pattern), { ip: '10.11.12.13', seed: 1, keysPerCombination });
}

/** Keys with their values, sizes asked first as requests need them: one after the other (load), or at random (churn). */
function pairsPerCpuSecond(space: PatternSpace, order: 'in order' | 'at random'): number {
  const bytes = Buffer.alloc(65_536);
  const random = new Random(1);
  const { size, values } = space;
  const rates: number[] = [];
  let checked = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let write = 0; write < PAIRS; write += 1) {
      const key = order === 'in order' ? write % size : random.below(size);
      const keyBytes = space.keyBytesOf(key);
      const valueBytes = values.bytesOf(key, write);
      const keyEnd = space.writeKey(bytes, 0, key);
      const end = values.write(bytes, keyEnd, key, write);
      if (end !== keyBytes + valueBytes) throw new Error(`key ${key}: ${end} bytes, not ${keyBytes + valueBytes}`);
      checked += bytes[end - 1]!;
    }
    const { user, system } = process.cpuUsage(before);
    rates.push(PAIRS / ((user + system) / 1e6));
  }
  if (checked === 0) throw new Error('nothing was written');
  return spreadOf(rates).median;
}

export function measureGeneration(): Check[] {
  const limit = { is: 'at least', value: LIMIT_PER_SEC } as const;
  const unit = 'pairs/CPU s';
  const generated = open(HUGE_GENERATED, 1000);
  return [
    { name: 'documented pattern, in order', actual: pairsPerCpuSecond(open(DOCUMENTED), 'in order'), unit, limit },
    { name: 'documented pattern, at random', actual: pairsPerCpuSecond(open(DOCUMENTED), 'at random'), unit, limit },
    { name: '10^9 counted keys, at random', actual: pairsPerCpuSecond(open(HUGE), 'at random'), unit, limit },
    { name: '10^9 generated names, at random', actual: pairsPerCpuSecond(generated, 'at random'), unit },
    ...measureOpening(),
  ];
}

/** Time and memory of a process that opens 10^9 keys and makes a thousand of them. */
function measureOpening(): Check[] {
  const child = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), '--opening'], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(child.stderr);
  const { milliseconds, megabytes } = JSON.parse(child.stdout) as { milliseconds: number; megabytes: number };
  return [
    { name: '10^9 keys: opened within', actual: milliseconds, unit: 'ms' },
    {
      name: '10^9 keys: resident memory of the process, at most',
      actual: megabytes,
      unit: 'MB',
      limit: { is: 'at most', value: LIMIT_MB },
    },
  ];
}

function openAndTell(): void {
  const before = performance.now();
  const spaces = [open(HUGE), open(HUGE_GENERATED, 1000)];
  const milliseconds = performance.now() - before;
  const bytes = Buffer.alloc(1024);
  for (const space of spaces)
    for (let key = 0; key < space.size; key += space.size / 1000) {
      space.values.write(bytes, space.writeKey(bytes, 0, key), key, 1);
    }
  console.log(JSON.stringify({ milliseconds, megabytes: process.resourceUsage().maxRSS / 1024 }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--opening')) openAndTell();
  else {
    const checks = measureGeneration();
    for (const check of checks) console.log(renderCheck(check));
    process.exitCode = checks.every(isMet) ? 0 : 3;
  }
}
