import { InputError } from '@etcdperf/core/errors';
import { completeWorkload, type Workload } from '@etcdperf/core/workload';
import { expect, test } from 'vitest';
import { parsed } from '../testing/parsed-flags.ts';
import { workloadFlags } from './workload-flags.ts';
import { type WorkloadFlagValues, workloadFrom } from './workload-from.ts';

const PATTERN = ['--pattern', '/a/%k-%04d[10];#10'];

/** The workload of a command line. */
async function workloadOf(argv: readonly string[]): Promise<Workload> {
  return completeWorkload(workloadFrom((await parsed(workloadFlags, argv)) as WorkloadFlagValues));
}

test('a pattern alone is loaded as fast as one client can', async () => {
  expect(await workloadOf(PATTERN)).toEqual({
    pattern: '/a/%k-%04d[10];#10',
    rules: {},
    valueBytes: undefined,
    keysPerCombination: 1,
    load: { ratePerSec: undefined },
    subtreeChurn: undefined,
    valueChurn: undefined,
    reads: undefined,
    watches: undefined,
    leases: undefined,
    verification: undefined,
    connections: 1,
    clients: 1,
    timeoutMs: 10_000,
    reconnectAfter: 0,
    durationMs: undefined,
    seed: 1,
  });
});

test.each<[string, Partial<Workload>]>([
  ['--put-rate 7200', { load: { ratePerSec: 2 } }],
  ['--put-rate 60/m', { load: { ratePerSec: 1 } }],
  ['--put-rate 120/s', { load: { ratePerSec: 120 } }],
  ['--put-rate 0', { load: { ratePerSec: undefined } }],
  ['--put-rate=-1', { load: { ratePerSec: undefined } }],
  ['--skip-init', { load: undefined }],
  ['--skip-init --put-rate 0', { load: undefined }],
  ['--total 0', { keysPerCombination: 1 }],
  ['--total 7', { keysPerCombination: 7 }],
  ['--val-spec 0,0', { valueBytes: undefined }],
  ['--val-spec 10,30', { valueBytes: { min: 10, max: 30 } }],
  ['--churn-level-rate 250 --churn-level 5 --churn-level-pct 5', churn(5, 5, 250 / 3600)],
  ['--churn-level-rate 3600', churn(1, 10, 1)],
  ['--churn-level-rate -1 --churn-level 5', { subtreeChurn: undefined }],
  ['--churn-level 5', { subtreeChurn: undefined }],
  ['--churn-val-rate 7920', { valueChurn: { ratePerSec: 2.2 } }],
  ['--churn-val-rate=-1', { valueChurn: undefined }],
  ['--churn-val-rate=0', { valueChurn: undefined }],
  ['--get-rate 450000 --get-level 7', { reads: { ...plainReads(), level: 7, ratePerSec: 125 } }],
  [
    '--get-rate 1/s --full-get-read --get-keys-only --serializable-gets',
    { reads: { level: 1, ratePerSec: 1, full: true, keysOnly: true, serializable: true } },
  ],
  ['--full-get-read', { reads: undefined }],
  [
    '--watch-counts-per-level 0,n,3 --watch-with-prefix --watch-prefix-get-interval 30',
    { watches: { perLevel: [0, 'every', 3], prefix: true, rereadIntervalMs: 30_000 } },
  ],
  [
    '--watch-counts-per-level=0,n --watch-prefix-get-interval -1',
    { watches: { perLevel: [0, 'every'], prefix: false, rereadIntervalMs: undefined } },
  ],
  ['--watch-counts-per-level 0,0,0', { watches: undefined }],
  ['--watch-with-prefix', { watches: undefined }],
  ['--leases 5000', { leases: { count: 5000, ttlSeconds: 2000, rampMs: 0 } }],
  ['--leases 5 --lease-ttl 60 --lease-ramp 40m', { leases: { count: 5, ttlSeconds: 60, rampMs: 2_400_000 } }],
  ['--leases 0', { leases: undefined }],
  ['--verify', { verification: { samplePercent: 100 } }],
  ['--verify --verify-sample 5%', { verification: { samplePercent: 5 } }],
  ['--client-timeout 10', { timeoutMs: 10_000 }],
  ['--client-timeout 500ms', { timeoutMs: 500 }],
  ['--clients 20 --conns 30', { clients: 20, connections: 30 }],
  ['--connections 30', { connections: 30 }],
  ['--etcd-reconnect-count 1000', { reconnectAfter: 1000 }],
  ['--duration 2h', { durationMs: 7_200_000 }],
  ['--seed 0', { seed: 0 }],
  ['--rule zone=a,b --rule :tier=x', { rules: { zone: ['a', 'b'], tier: ['x'] } }],
])('%s', async (line, expected) => {
  const workload = await workloadOf([...PATTERN, ...line.split(' ')]);
  for (const [part, value] of Object.entries(expected)) expect(workload[part as keyof Workload]).toEqual(value);
});

test.each([
  ['--put-rate 5/d', '5/d'],
  ['--put-rate -2', '-2'],
  ['--get-rate many', 'many'],
  ['--churn-val-rate 1e5', '1e5'],
  ['--val-spec 30,10', '30,10'],
  ['--val-spec 30', '30'],
  ['--watch-counts-per-level 0,x', '0,x'],
  ['--watch-counts-per-level 0,,1', '0,,1'],
  ['--churn-level-pct 101', '101'],
  ['--rule zone', 'zone'],
  ['--rule zone=a/b', 'a/b'],
  ['--rule zone=a --rule zone=b', 'twice'],
  ['--client-timeout soon', 'soon'],
  ['--lease-ttl -1', '--lease-ttl'],
  ['--skip-init --put-rate 5', '--put-rate'],
  ['--churn-level 0 --churn-level-rate 5', '--churn-level'],
])('%s is refused', async (line, told) => {
  const refusal: unknown = await workloadOf([...PATTERN, ...line.split(' ')]).catch((error: unknown) => error);
  const { message, problems = [] } = refusal as InputError;
  expect([message, ...problems.map(({ where }) => where)].join('\n')).toContain(told);
  // What a flag's own parser throws, the framework wraps.
  expect(refusal instanceof InputError || (refusal as Error).message.includes('Parsing')).toBe(true);
});

test('without a pattern nothing can be done', async () => {
  await expect(workloadOf(['--churn-val-rate', '5'])).rejects.toThrow(InputError);
});

function churn(level: number, percent: number, ratePerSec: number): Partial<Workload> {
  return { subtreeChurn: { level, percent, ratePerSec } };
}

function plainReads() {
  return { keysOnly: false, serializable: false, full: false };
}
