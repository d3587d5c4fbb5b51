// npm run perf -- driver: what a hundred thousand watchers in one process take. Alone:
// node --conditions=etcdperf-source test/perf/driver/watchers.ts
import { fileURLToPath } from 'node:url';
import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { type Check, isMet, renderCheck } from '../bench/checks.ts';
import { StandingCommand } from './standing-command.ts';

const WATCHERS = 100_000;
const PATTERN = '/watched/%zone-%d[10]/%app-%03d[100]/%pod-%03d[100];#100';
const LIMIT_MB = 300;
const ROUNDS = 200;
const PUTS_AT_ONCE = 100;

/** Each watches a key of its own; ten thousand of these are put twice. */
export async function measureWatchers(): Promise<Check[]> {
  await using cluster = await startEtcd();
  const argv = ['driver:watch-tree', `--pattern=${PATTERN}`, '--watch-counts-per-level=0,0,0,n', '--conns=2'];
  await using command = await StandingCommand.start(argv, cluster.endpoints);
  await command.says(`: ${WATCHERS} watchers`);
  await using client = await WireClient.connect({ endpoints: cluster.endpoints });
  const value = Buffer.alloc(100, 'v');
  for (let round = 0; round < ROUNDS; round += 1)
    await Promise.all(Array.from({ length: PUTS_AT_ONCE }, (_, put) => client.put(keyOf(put, round), value)));
  const puts = ROUNDS * PUTS_AT_ONCE;
  await command.says(`; ${puts} events so far`);
  const peakMb = command.peakMb();
  const { watch } = (await command.end()) as {
    watch: { creation: { perSec: number }; duplicated: number; reordered: number };
  };
  if (watch.duplicated + watch.reordered > 0) throw new Error('events came twice or out of order');
  return [
    {
      name: `${WATCHERS} watchers: resident memory, peak`,
      actual: peakMb,
      unit: 'MB',
      limit: { is: 'at most', value: LIMIT_MB },
    },
    { name: `${WATCHERS} watchers: put in place`, actual: watch.creation.perSec, unit: 'watches/s' },
  ];
}

function keyOf(put: number, round: number): string {
  const three = (number: number) => String(number).padStart(3, '0');
  return `/watched/zone-${put % 10}/app-${three(put)}/pod-${three(round % 100)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checks = await measureWatchers();
  for (const check of checks) console.log(renderCheck(check));
  process.exitCode = checks.every(isMet) ? 0 : 3;
}
