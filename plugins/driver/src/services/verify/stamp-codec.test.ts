import { InputError } from '@etcdperf/core/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSpace } from '../../testing/driver-space.ts';
import { stampAlphabet } from './stamp-alphabet.ts';
import { StampCodec } from './stamp-codec.ts';
import { StampedValues } from './stamped-values.ts';

const ALPHABETS = { digits: '0123456789', hex: '0123456789abcdef', base36: '0123456789abcdefghijklmnopqrstuvwxyz' };
const alphabet = fc.constantFrom(...Object.values(ALPHABETS));
const key = fc.oneof(fc.nat(1000), fc.maxSafeInteger().map(Math.abs));
const write = fc.oneof(fc.nat(1000), fc.nat({ max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 1e12 }));
const content = fc.uint8Array({ minLength: 18, maxLength: 300 });

function stamped(codec: StampCodec, bytes: Uint8Array, ofKey: number, ofWrite: number): Buffer {
  const value = Buffer.from(bytes);
  codec.write(value, 0, value.length, ofKey, ofWrite);
  return value;
}

test('what is stamped is read again: its write, and only for its key', () => {
  fc.assert(
    fc.property(alphabet, content, key, write, fc.nat(5000), (digits, bytes, ofKey, ofWrite, later) => {
      const codec = new StampCodec(digits, bytes.length);
      const value = stamped(codec, bytes, ofKey, ofWrite);
      expect(value).toHaveLength(bytes.length);
      expect(value.subarray(0, -codec.bytes)).toEqual(Buffer.from(bytes.subarray(0, -codec.bytes)));
      for (const byte of value.subarray(-codec.bytes)) expect(digits).toContain(String.fromCharCode(byte));
      expect(codec.read(value, 0, value.length, ofKey, ofWrite + later)).toBe(ofWrite);
      expect(codec.claimed(value, 0, value.length, ofWrite + later)).toBe(ofWrite);
      expect(codec.fits(value, 0, value.length, ofKey, ofWrite)).toBe(true);
      expect(codec.fits(value, 0, value.length, ofKey, ofWrite + 1)).toBe(false);
      expect(codec.fits(value, 0, value.length, ofKey + 1, ofWrite)).toBe(false);
    }),
  );
});

test('values too short for all of it: the number is told from its last digits and the checksum', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 17 }),
      key,
      fc.nat(50_000),
      fc.nat(5000),
      (length, ofKey, ofWrite, later) => {
        const codec = new StampCodec(ALPHABETS.digits, length);
        const value = stamped(codec, Buffer.alloc(length + 3, '7'), ofKey, ofWrite);
        expect(codec.bytes).toBe(length);
        expect(codec.fits(value, 0, value.length, ofKey, ofWrite)).toBe(true);
        expect(codec.read(value, 0, value.length, ofKey, ofWrite + later)).toBe(ofWrite);
      },
    ),
  );
});

test('a changed byte is found: any other of the content, any other digit of the stamp', () => {
  fc.assert(
    fc.property(
      alphabet,
      content,
      key,
      write,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (digits, bytes, ofKey, ofWrite, place, change) => {
        const codec = new StampCodec(digits, bytes.length);
        const value = stamped(codec, bytes, ofKey, ofWrite);
        value[place % value.length]! ^= change;
        expect(codec.fits(value, 0, value.length, ofKey, ofWrite)).toBe(false);
        expect(codec.read(value, 0, value.length, ofKey, ofWrite)).toBe(-1);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a short checksum misses as few changes as its digits say', () => {
  // Five digits: one of 100,000. Of 400,000 changes 4 are expected to be missed; 20 or more in one of 10^8 tries.
  const codec = new StampCodec(ALPHABETS.digits, 10);
  const value = stamped(codec, Buffer.alloc(30, 'x'), 5, 7);
  let missed = 0;
  for (let change = 1; change <= 400_000; change += 1) {
    value.writeUInt32LE(change, 4);
    value.writeUInt32LE(change * 7, 10);
    if (codec.fits(value, 0, value.length, 5, 7)) missed += 1;
  }
  expect(missed).toBeLessThan(20);
});

test('what is no value of ours has no write', () => {
  const codec = new StampCodec(ALPHABETS.digits, 100);
  for (const text of ['', 'x', 'x'.repeat(100), '0'.repeat(100), '9'.repeat(100)]) {
    const bytes = Buffer.from(text);
    expect(codec.read(bytes, 0, bytes.length, 0, 1e6)).toBe(-1);
    expect(codec.fits(bytes, 0, bytes.length, 0, 0)).toBe(false);
  }
});

test('too short: what would do is said', () => {
  const hint = (digits: string, bytes: number) => {
    try {
      return new StampCodec(digits, bytes).bytes;
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      return (error as InputError).hint;
    }
  };
  expect(hint(ALPHABETS.digits, 9)).toMatch(/at least 10 bytes long: .*\(18 hold all/);
  expect(hint(ALPHABETS.base36, 6)).toMatch(/at least 7 bytes/);
  expect([hint(ALPHABETS.digits, 10), hint(ALPHABETS.digits, 200)]).toEqual([10, 18]);
});

test.each([
  ['[0-9]{30,60}', /^[0-9]+$/],
  ['[0-9a-f]{40}', /^[0-9a-f]+$/],
  ['[A-F0-9]{40}', /^[0-9A-F]+$/],
  ['[a-z]{30}', /^[a-z]+$/],
  ['[a-z0-9]{50}', /^[a-z0-9]+$/],
  ['[a-zA-Z]{50}', /^[a-zA-Z]+$/],
])('values of %s stay what they are', (pattern, expected) => {
  const { values } = openSpace(`/alphabet/%key-%d[10];${pattern}`);
  const codec = new StampCodec(stampAlphabet(values), values.minBytes);
  const stampedValues = new StampedValues(values, codec);
  const bytes = Buffer.alloc(values.maxBytes);
  for (let number = 0; number < 200; number += 1) {
    const end = stampedValues.write(bytes, 0, number % 10, number);
    expect(end).toBe(values.bytesOf(number % 10, number));
    expect(bytes.toString('latin1', 0, end)).toMatch(expected);
    expect(codec.read(bytes, 0, end, number % 10, 1000)).toBe(number);
  }
});
