import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import { loadWorkload } from './load-workload.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'etcdperf-workload-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function load(yaml: string) {
  writeFileSync(join(dir, 'load.yaml'), yaml);
  return loadWorkload(join(dir, 'load.yaml'));
}

async function refusal(loading: Promise<unknown>): Promise<InputError> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof InputError)) throw error ?? new Error('it was accepted');
  return error;
}

/** `line:column message (hint)` of all that is wrong. */
async function problemsOf(yaml: string): Promise<string[]> {
  const { problems } = await refusal(load(yaml));
  return problems.map(
    ({ where, message, hint }) =>
      `${where?.slice(join(dir, 'load.yaml:').length)} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

test('everything that a workload may say', async () => {
  const parts = await load(`
description: all of it
pattern: /p/:ip/:zone/%k-%02d[9];#100
rules: { zone: [a, b] }
valueBytes: { min: 10, max: 30 }
keysPerCombination: 3
load: { rate: 3600/h }
subtreeChurn: { level: 2, percent: 12.5, rate: 30/m }
valueChurn: { rate: 0.5/s }
reads: { level: 3, rate: 7200/h, keysOnly: true, serializable: true, full: false }
watches: { perLevel: [0, 2, every], prefix: true, rereadInterval: 1m30s }
leases: { count: 10, ttl: 1h, ramp: 500ms }
verification: { samplePercent: 5 }
connections: 2
clients: 4
timeout: 2s
reconnectAfter: 1000
duration: 2h
seed: 7
`);
  expect(parts).toEqual({
    pattern: '/p/:ip/:zone/%k-%02d[9];#100',
    rules: { zone: ['a', 'b'] },
    valueBytes: { min: 10, max: 30 },
    keysPerCombination: 3,
    load: { ratePerSec: 1 },
    subtreeChurn: { level: 2, percent: 12.5, ratePerSec: 0.5 },
    valueChurn: { ratePerSec: 0.5 },
    reads: { level: 3, ratePerSec: 2, keysOnly: true, serializable: true, full: false },
    watches: { perLevel: [0, 2, 'every'], prefix: true, rereadIntervalMs: 90_000 },
    leases: { count: 10, ttlSeconds: 3600, rampMs: 500 },
    verification: { samplePercent: 5 },
    connections: 2,
    clients: 4,
    timeoutMs: 2000,
    reconnectAfter: 1000,
    durationMs: 7_200_000,
    seed: 7,
  });
});

test.each([
  ['load: off', { load: 'off' }],
  ['load: {}', { load: { ratePerSec: undefined } }],
  ['valueBytes: 12', { valueBytes: { min: 12, max: 12 } }],
  ['verification: {}', { verification: {} }],
])('%s', async (yaml, expected) => {
  expect(await load(yaml)).toMatchObject(expected);
});

describe('what is wrong, and where', () => {
  test.each([
    ['a word that is none', 'patern: /a;#1', ["1:1 patern: unknown key (did you mean 'pattern'?)"]],
    [
      'a word of another part',
      'reads: { level: 1, rate: 5/s, keysonly: true }',
      ["1:31 reads.keysonly: unknown key (did you mean 'keysOnly'?)"],
    ],
    [
      'a rate without a unit, and one that is text',
      'valueChurn: { rate: 7920 }\nreads: { level: 1, rate: fast }',
      [
        '1:21 valueChurn.rate: must be text, not the number 7920 (for example 7920/h)',
        '2:26 reads.rate: must be a rate above 0 with its unit: 7920/h, 60/m or 120/s',
      ],
    ],
    [
      'a rate of nothing',
      'valueChurn: { rate: 0/h }',
      ['1:21 valueChurn.rate: must be a rate above 0 with its unit: 7920/h, 60/m or 120/s'],
    ],
    [
      'durations without a unit, or of nothing',
      'timeout: 10\nduration: 0s',
      [
        '1:10 timeout: must be text, not the number 10 (for example 30s)',
        '2:11 duration: must be a duration above 0 with its unit: 500ms, 30s, 10m or 2h',
      ],
    ],
    ['half a part', 'reads: { level: 1 }', ['1:8 reads.rate: is missing (text)']],
    [
      'churn on level 0',
      'subtreeChurn: { level: 0, rate: 1/s }',
      ['1:24 subtreeChurn.level: must be at least 1, not 0'],
    ],
    [
      'shares that are none',
      'subtreeChurn: { level: 1, percent: 0, rate: 1/s }\nverification: { samplePercent: 101 }',
      [
        '1:36 subtreeChurn.percent: must be at least 0 (exclusive), not 0',
        '2:32 verification.samplePercent: must be at most 100, not 101',
      ],
    ],
    [
      'sizes the wrong way round',
      'valueBytes: { min: 30, max: 10 }',
      ['1:20 valueBytes.min: must be at most max, 10, not 30'],
    ],
    [
      'a TTL of half a second, and no watcher',
      'leases: { count: 1, ttl: 500ms }\nwatches: { perLevel: [0, 0] }',
      ["1:26 leases.ttl: must be whole seconds, not '500ms'", '2:22 watches.perLevel: no level has a watcher'],
    ],
    [
      'a number of watchers that is none',
      'watches: { perLevel: [0, all] }',
      ["1:26 watches.perLevel[1]: must be a number or 'every', not 'all'"],
    ],
    ['another word than off', 'load: of', ["1:7 load: must be 'off' or a map, not 'of' (did you mean 'off'?)"]],
    [
      'a pattern that does not parse',
      'seed: 1\npattern: /p/:mine/[a-z]*;#1',
      [expect.stringMatching(/^2:10 \* has no end.*\n {2}\/p\/:mine\/\[a-z\]\*;#1\n {16}\^ \(.*\{0,10\}\)$/)],
    ],
    [
      'a rule that can not be',
      'pattern: /p/:mine;#1\nrules: { mine: [a, a/b] }',
      [
        "1:10 rule mine: 'a/b' has a slash in it, which would begin a level (a rule is a name and its values: planet=venus,mars)",
      ],
    ],
    ['a list', '- pattern: x', ['1:1 the file: must be a map, not a list']],
    ['the same word twice', 'seed: 1\nseed: 2', ['2:1 the same key twice in one map']],
    ['no YAML', 'pattern: [', [expect.stringMatching(/^1:\d+ not valid YAML: /)]],
  ])('%s', async (_what, yaml, expected) => {
    expect(await problemsOf(yaml)).toEqual(expected);
  });

  test('an empty file', async () => {
    const { message, hint } = await refusal(load('# nothing\n'));
    expect(message).toBe('the workload is empty');
    expect(hint).toContain('conf/workloads');
  });
});

describe('presets', () => {
  let presets: string;
  beforeAll(() => {
    presets = join(dir, 'presets');
    mkdirSync(presets);
    for (const name of ['small', 'large-values']) writeFileSync(join(presets, `${name}.yaml`), `pattern: /${name};#1`);
  });

  test('go by their bare name', async () => {
    expect(await loadWorkload('large-values', presets)).toMatchObject({ pattern: '/large-values;#1' });
  });

  test('a name that is almost one, and one that is far from all', async () => {
    expect((await refusal(loadWorkload('large-value', presets))).hint).toBe("did you mean 'large-values'?");
    const { message, hint } = await refusal(loadWorkload('nothing-like-it', presets));
    expect(message).toBe("there is no workload 'nothing-like-it'");
    expect(hint).toBe('a file, or one of large-values, small');
  });

  test('a path to one where there is none', async () => {
    const { where, message, hint } = await refusal(loadWorkload(join(dir, 'conf/workloads/small.yaml'), presets));
    expect({ where, message }).toEqual({ where: join(dir, 'conf/workloads/small.yaml'), message: 'no such workload' });
    expect(hint).toContain('goes by its name: small');
  });

  test('a path is a path', async () => {
    const { where, message, hint } = await refusal(loadWorkload(join(presets, 'smal.yaml'), presets));
    expect({ where, message }).toEqual({ where: join(presets, 'smal.yaml'), message: 'no such workload' });
    expect(hint).toContain('small.yaml');
    expect((await refusal(loadWorkload(dir, presets))).message).toMatch(/can't read the workload: EISDIR/);
  });
});
