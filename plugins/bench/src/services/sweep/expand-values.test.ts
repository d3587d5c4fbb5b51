import { InputError } from '@etcdperf/core/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandValues } from './expand-values.ts';

test.each([
  ['l,s', ['l', 's']],
  [' 8, 256 ,8', ['8', '256']],
  ['1,10,...,100000', ['1', '10', '100', '1000', '10000', '100000']],
  ['1,10,…,1000', ['1', '10', '100', '1000']],
  ['0,5,...,20', ['0', '5', '10', '15', '20']],
  ['7,1,2,...,8,100', ['7', '1', '2', '4', '8', '100']],
  ['0.1,0.2,...,0.5', ['0.1', '0.2', '0.3', '0.4', '0.5']],
  ['10s,1m', ['10s', '1m']],
])('%s', (text, values) => {
  expect(expandValues(text, '--flag')).toEqual(values);
});

test.each([
  ['', 'empty'],
  ['1,,2', 'empty'],
  ['1,10,...,50', 'dots'],
  ['...,5', 'dots'],
  ['1,2,...', 'dots'],
  ['10,1,...,0', 'dots'],
  ['l,s,...,x', 'dots'],
  ['1,2,...,1e300', 'too many'],
  ['0,1,...,100000', 'too many'],
])('%s is none', (text, message) => {
  expect(() => expandValues(text, '--flag')).toThrow(InputError);
  expect(() => expandValues(text, '--flag')).toThrow(new RegExp(message));
});

test('dots stand for every step of a row', () => {
  const steps = {
    multiplied: (first: number, by: number, index: number) => first * by ** index,
    added: (first: number, by: number, index: number) => first + by * index,
  };
  fc.assert(
    fc.property(
      fc.constantFrom('multiplied' as const, 'added' as const),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 2, max: 9 }),
      fc.integer({ min: 4, max: 10 }),
      (kind, first, by, length) => {
        const row = Array.from({ length }, (_, index) => steps[kind](first, by, index));
        const short = `${row[0]},${row[1]},...,${row.at(-1)}`;
        const found = expandValues(short, '--flag').map(Number);
        // 2,4,...,8: a row that fits both ways is multiplied.
        const isMultiplied = found.every(
          (value, index) => index === 0 || value / found[index - 1]! === row[1]! / row[0]!,
        );
        if (kind === 'multiplied' || !isMultiplied) expect(found).toEqual(row);
      },
    ),
  );
});
