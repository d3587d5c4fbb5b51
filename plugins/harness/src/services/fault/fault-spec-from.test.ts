import { expect, test } from 'vitest';
import { faultSpecFrom } from './fault-spec-from.ts';

test.each([
  ['kill', {}, { kind: 'kill' }],
  ['cut', {}, { kind: 'cut', from: 'all', direction: 'both' }],
  ['cut', { from: 'peers', direction: 'in' }, { kind: 'cut', from: 'peers', direction: 'in' }],
  ['slow-disk', {}, { kind: 'slow-disk', delayMs: 100, writesPerSec: 50 }],
  ['slow-disk', { writesPerSec: 5 }, { kind: 'slow-disk', delayMs: undefined, writesPerSec: 5 }],
  ['fill-disk', {}, { kind: 'fill-disk', leaveBytes: 0 }],
  ['skew', { offsetMs: -200 }, { kind: 'skew', offsetMs: -200 }],
] as const)('%s with %j', (kind, settings, spec) => {
  expect(faultSpecFrom(kind, settings)).toEqual(spec);
});

test.each([
  ['kill', { from: 'peers' }, '--from belongs to cut, not to kill'],
  ['fill-disk', { delayMs: 5 }, '--delay belongs to slow-disk, not to fill-disk'],
  ['skew', {}, 'by how much?'],
] as const)('%s with %j is refused', (kind, settings, message) => {
  expect(() => faultSpecFrom(kind, settings)).toThrow(message);
});
