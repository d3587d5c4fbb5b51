import { InputError } from '@etcdperf/core/errors';
import { expect, test } from 'vitest';
import { openSpace } from '../../testing/driver-space.ts';
import { openVerifier, type VerifierOptions } from './open-verifier.ts';

const KEYS_1E9 = '/many/%a-%03d[1000]/%b-%03d[1000]/%leaf-%03d[1000];[0-9]{140,160}';

function open(pattern: string, options: Partial<VerifierOptions> = {}) {
  return openVerifier({
    access: { endpoints: [] },
    space: openSpace(pattern),
    verification: { samplePercent: 100 },
    seed: 1,
    firstWrite: 0,
    timeoutMs: 1000,
    ...options,
  });
}

/** What is said of keys without looking at any. */
async function followed(pattern: string, options?: Partial<VerifierOptions>): Promise<number> {
  const { followedKeys } = await open(pattern, options).conclude(AbortSignal.abort());
  return followedKeys;
}

test('all keys, as many as the sample says, or as many as there is memory for', async () => {
  expect(await followed('/all/%key-%04d[5000];[0-9]{20}')).toBe(5000);
  expect(await followed('/all/%key-%04d[5000];[0-9]{20}', { verification: { samplePercent: 0.1 } })).toBe(5);
  expect(await followed('/all/%key-%04d[5];[0-9]{20}', { verification: { samplePercent: 0.1 } })).toBe(1);
  const bounded = await followed(KEYS_1E9);
  expect(bounded).toBeGreaterThan(1e6);
  expect(bounded).toBeLessThan(2e6);
  const little = await followed(KEYS_1E9, { memoryBytes: 2 ** 20 });
  expect(little).toBeGreaterThan(10_000);
  expect(little).toBeLessThan(bounded / 90);
});

test('values that are too short are refused before anything is done', () => {
  expect(() => open('/short/%key-%d[5];[0-9]{9,60}')).toThrow(
    expect.objectContaining({
      constructor: InputError,
      message: 'values of 9 bytes are too short to be verified',
      hint: expect.stringMatching(/at least 10 bytes/),
    }),
  );
});

test('keys are what they were, and so is everything about values but their last bytes', () => {
  const plain = openSpace('/same/%a-%d[3]/%leaf-%d[4];[0-9]{30,60}');
  const { space } = open('/same/%a-%d[3]/%leaf-%d[4];[0-9]{30,60}');
  const bytes = { plain: Buffer.alloc(100), stamped: Buffer.alloc(100) };
  for (let key = 0; key < space.size; key += 1) {
    const end = plain.writeKey(bytes.plain, 0, key);
    expect(space.writeKey(bytes.stamped, 0, key)).toBe(end);
    expect(space.keyAt(bytes.plain, 0, end)).toBe(key);
    expect(bytes.stamped.subarray(0, end)).toEqual(bytes.plain.subarray(0, end));
    const valueEnd = plain.values.write(bytes.plain, 0, key, 5);
    expect(space.values.write(bytes.stamped, 0, key, 5)).toBe(valueEnd);
    const kept = valueEnd - 18;
    expect(bytes.stamped.subarray(0, kept)).toEqual(bytes.plain.subarray(0, kept));
    expect(bytes.stamped.toString('latin1', kept, valueEnd)).toMatch(/^000000005\d{9}$/);
  }
});
