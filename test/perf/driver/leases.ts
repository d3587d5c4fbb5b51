// npm run perf -- driver: what a quarter of a million leases take that one process keeps alive. Alone:
// node --conditions=etcdperf-source test/perf/driver/leases.ts
import { fileURLToPath } from 'node:url';
import { startEtcd } from '@etcdperf/core/testing';
import { type Check, isMet, renderCheck } from '../bench/checks.ts';
import { StandingCommand } from './standing-command.ts';

const LEASES = 250_000;
const TTL_SECONDS = 2000;
const LIMIT_MB = 150;
const LIMIT_PERCENT = 20;
const HOLD_MS = 20_000;

/** Granted as fast as etcd answers, then held; what keeping them alive costs. */
export async function measureLeases(): Promise<Check[]> {
  await using cluster = await startEtcd();
  // They run out with their etcd.
  const argv = ['driver:leases', `--count=${LEASES}`, `--ttl=${TTL_SECONDS}`, '--conns=2', '--end=expire'];
  await using command = await StandingCommand.start(argv, cluster.endpoints);
  await command.says(`: ${LEASES} leases`);
  const cpuPercent = await command.cpuPercent(HOLD_MS);
  const peakMb = command.peakMb();
  const { leases, counters } = (await command.end()) as {
    leases: { held: number; lost: number };
    counters: Record<string, number>;
  };
  if (leases.held !== LEASES || leases.lost > 0) throw new Error(`${leases.held} held, ${leases.lost} lost`);
  return [
    {
      name: `${LEASES} leases: resident memory, peak`,
      actual: peakMb,
      unit: 'MB',
      limit: { is: 'at most', value: LIMIT_MB },
    },
    {
      name: `${LEASES} leases of ${TTL_SECONDS} s: CPU while they are held`,
      actual: cpuPercent,
      unit: '% of a core',
      limit: { is: 'at most', value: LIMIT_PERCENT },
    },
    { name: `${LEASES} leases: keepalives sent late`, actual: counters.keepalivesLate ?? Number.NaN, unit: '' },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checks = await measureLeases();
  for (const check of checks) console.log(renderCheck(check));
  process.exitCode = checks.every(isMet) ? 0 : 3;
}
