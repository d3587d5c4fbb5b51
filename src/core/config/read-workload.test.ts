import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { InputError } from '../errors/index.ts';
import { readWorkload } from './read-workload.ts';
import { workloadSchema } from './workload-schema.ts';

let file: string;
beforeAll(() => {
  file = join(mkdtempSync(join(tmpdir(), 'etcdperf-workload-')), 'load.yaml');
});
afterAll(() => rmSync(join(file, '..'), { recursive: true, force: true }));

function read(text: string) {
  writeFileSync(file, text);
  return readWorkload(file, undefined);
}

/** Reads whatever text: a workload, or an InputError of which every problem has its place in the file. */
function readAnything(text: string): void {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const { where, message } of error.problems) {
      expect(where).toMatch(/load\.yaml:\d+:\d+$/);
      expect(message).not.toBe('');
    }
  }
}

test('rates and durations keep their size in every unit', () => {
  const whole = fc.integer({ min: 1, max: 1e6 });
  fc.assert(
    fc.property(whole, whole, fc.constantFrom(['s', 1], ['m', 60], ['h', 3600]), (rate, time, [unit, seconds]) => {
      const parts = read(
        stringify({ valueChurn: { rate: `${rate}/${unit}` }, duration: `${time}${unit}`, seed: rate, clients: time }),
      );
      expect(parts).toMatchObject({
        valueChurn: { ratePerSec: rate / (seconds as number) },
        durationMs: time * (seconds as number) * 1000,
        seed: rate,
        clients: time,
      });
    }),
    { numRuns: 50 },
  );
});

test('whatever a file says, it is a workload or told what is wrong, and where', () => {
  const word = fc.constantFrom(...Object.keys(workloadSchema.shape), 'level', 'rate', 'perLevel', 'min', 'ttl', 'x');
  const leaf = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constantFrom(null, '1/s', '5s', 'off', 'every', 1));
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('any'), { maxLength: 3 }), tie('map')),
    map: fc.dictionary(word, tie('any'), { maxKeys: 5 }),
  }));
  fc.assert(
    fc.property(fc.oneof(value.map, value.any), (data) => readAnything(stringify(data))),
    { numRuns: 300 },
  );
  fc.assert(fc.property(fc.string(), readAnything), { numRuns: 100 });
});
