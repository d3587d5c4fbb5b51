import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import { quoteArgv } from './quote-argv.ts';

const word = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
  fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '`', '\n', ' ', '~', '*', '!', '=', '#', 'a', 'é') }),
);

test('a shell reads back exactly what was quoted', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
      const line = `printf '%s\\0' ${quoteArgv(words)}`;
      const out = execFileSync('/bin/sh', ['-c', line]).toString().split('\0').slice(0, -1);
      expect(out).toEqual(words.map((text) => Buffer.from(text).toString()));
    }),
    { numRuns: 150 },
  );
});

test.each([
  [['uname', '-r'], 'uname -r'],
  [['echo', ''], "echo ''"],
  [['a=b'], "'a=b'"],
  [['--flag=x'], '--flag=x'],
  [["it's"], `'it'\\''s'`],
])('%j is %s', (argv, line) => {
  expect(quoteArgv(argv)).toBe(line);
});

test('a NUL cannot be passed', () => {
  expect(() => quoteArgv(['a\0b'])).toThrow(InputError);
});
