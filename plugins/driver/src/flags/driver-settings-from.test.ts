import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@etcdperf/core/errors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DriverSettings } from '../services/driver-settings.ts';
import { parsed } from '../testing/parsed-flags.ts';
import { driverSettingsFrom, type RunFlagValues } from './driver-settings-from.ts';
import { runFlags } from './run-flags.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'etcdperf-settings-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const access = { endpoints: ['http://10.0.0.1:2379', 'http://10.0.0.2:2379'] };
const PATTERN = '/a/%k-%04d[10];#10';

async function settingsOf(argv: readonly string[]): Promise<DriverSettings> {
  const flags = (await parsed(runFlags, argv)) as unknown as RunFlagValues;
  const site = { inventory: undefined, access, controlAccess: access };
  return driverSettingsFrom(flags, site, { command: 'driver:run', version: '1' });
}

test('a pattern alone', async () => {
  const settings = await settingsOf(['--pattern', PATTERN]);
  expect(settings).toMatchObject({
    access,
    controlAccess: access,
    target: { kind: 'all' },
    maxInFlight: 10_000,
    name: hostname(),
    endKey: '/prefix/testEnd',
    resumeFrom: undefined,
    intervalMs: 1000,
    csv: undefined,
    metrics: undefined,
    staysAfterwards: false,
    isCleanedUp: false,
    isForced: false,
    sharesHierarchy: false,
    thresholds: [],
  });
  expect(settings.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
});

test('everything else', async () => {
  const settings = await settingsOf([
    ...[
      '--pattern',
      PATTERN,
      '--name',
      'pod-7',
      '--ip',
      '10.1.1.1',
      '--test-end-key',
      '/end',
      '--resume-from',
      'folder',
    ],
    ...['--metrics-port', '0', '--metrics-address', '0.0.0.0', '--do-not-exit', '--force', '--share-hierarchy'],
    ...['--threshold', 'value put.p99<1s', '--csv-file', 'x.csv', '--stats-interval', '0.5', '--max-in-flight', '9'],
  ]);
  expect(settings).toMatchObject({
    name: 'pod-7',
    ip: '10.1.1.1',
    endKey: '/end',
    resumeFrom: 'folder',
    metrics: { port: 0, host: '0.0.0.0' },
    staysAfterwards: true,
    isForced: true,
    sharesHierarchy: true,
    maxInFlight: 9,
    thresholds: [{ series: 'value put' }],
    csv: { file: 'x.csv', statsIntervalMs: 500 },
    // Lines of the file are made of the run folder's.
    intervalMs: 500,
  });
});

test('rates in the manifest have a unit', async () => {
  const { config } = await settingsOf([
    '--pattern',
    PATTERN,
    '--put-rate',
    '7200',
    '--get-rate',
    '-1',
    '--clients',
    '3',
  ]);
  expect(config).toMatchObject({ pattern: PATTERN, 'put-rate': '2/s', 'get-rate': 'off', clients: 3 });
});

test('the file’s parameters are in its users’ units', async () => {
  const { csv } = await settingsOf([
    ...['--pattern', PATTERN, '--csv-file', 'x.csv', '--file-comment', 'a, "b"', '--stats-interval', '60'],
    ...['--churn-val-rate', '7920', '--churn-level', '1', '--churn-level-rate', '3/s', '--get-level', '1'],
    ...['--put-rate', '60/m', '--watch-counts-per-level', '0,n', '--watch-prefix-get-interval', '30', '--total', '0'],
    ...['--client-timeout', '10', '--val-spec', '10,30', '--do-not-exit', '--verbose'],
  ]);
  expect(csv!.parameters).toEqual({
    'churn-level': '1',
    'churn-level-pct': '10',
    'churn-level-rate': '10800',
    'churn-val-rate': '7920',
    'client-timeout': '10s',
    clients: '1',
    conns: '1',
    'do-not-exit': 'true',
    endpoints: 'http://10.0.0.1:2379,http://10.0.0.2:2379',
    'etcd-reconnect-count': '0',
    'file-comment': 'a, "b"',
    'full-get-read': 'false',
    'get-keys-only': 'false',
    'get-level': '1',
    'get-rate': '-1',
    pattern: PATTERN,
    'put-rate': '3600',
    'serializable-gets': 'false',
    'skip-init': 'false',
    'stats-interval': '60',
    'test-end-key': '/prefix/testEnd',
    total: '0',
    'val-spec': '10,30',
    verbose: 'true',
    'watch-counts-per-level': '0,n',
    'watch-prefix-get-interval': '30',
    'watch-with-prefix': 'false',
  });
});

describe('a workload file', () => {
  let file: string;
  beforeEach(() => {
    file = join(dir, 'workload.yaml');
    writeFileSync(
      file,
      `pattern: ${PATTERN}\nload: { rate: 5/s }\nvalueChurn: { rate: 10/s }\nvalueBytes: { min: 5, max: 6 }\n` +
        'reads: { level: 1, rate: 2/s, full: true }\nwatches: { perLevel: [0, 2], rereadInterval: 30s }\nclients: 7\n',
    );
  });

  test('is taken as it is', async () => {
    const { workload } = await settingsOf(['--workload', file]);
    expect(workload).toMatchObject({
      load: { ratePerSec: 5 },
      valueChurn: { ratePerSec: 10 },
      valueBytes: { min: 5, max: 6 },
      reads: { level: 1, ratePerSec: 2, full: true },
      watches: { perLevel: [0, 2], rereadIntervalMs: 30_000 },
      clients: 7,
    });
  });

  test('and flags go before it, what they turn off as well', async () => {
    const { workload } = await settingsOf([
      ...['--workload', file, '--put-rate', '0', '--churn-val-rate=-1', '--val-spec', '0,0', '--get-rate', '9/s'],
      ...['--watch-prefix-get-interval', '-1', '--clients', '8', '--churn-level-rate', '1/s'],
    ]);
    expect(workload).toMatchObject({
      load: { ratePerSec: undefined },
      valueChurn: undefined,
      valueBytes: undefined,
      reads: { level: 1, ratePerSec: 9, full: true },
      watches: { perLevel: [0, 2], rereadIntervalMs: undefined },
      subtreeChurn: { level: 1, percent: 10, ratePerSec: 1 },
      clients: 8,
    });
  });
});

test('keys that another driver loaded are not deleted', async () => {
  await expect(settingsOf(['--pattern', PATTERN, '--skip-init', '--cleanup'])).rejects.toThrow(InputError);
});
