import { expect, test } from 'vitest';
import { oldStyleArgv } from './old-style-argv.ts';

const flags = {
  pattern: { type: 'option' },
  'put-rate': { type: 'option' },
  'get-rate': { type: 'option' },
  'skip-init': { type: 'boolean' },
} as const;

test.each([
  ['-put-rate=5', '--put-rate=5'],
  ['-put-rate 5', '--put-rate 5'],
  ['--put-rate=5', '--put-rate=5'],
  ['--get-rate -1', '--get-rate -1'],
  ['-get-rate=-1', '--get-rate=-1'],
  ['-skip-init', '--skip-init'],
  ['-skip-init=true -get-rate 3', '--skip-init --get-rate 3'],
  ['--skip-init=1', '--skip-init'],
  ['--skip-init=False -get-rate 3', '--get-rate 3'],
  ['--skip-init=maybe', '--skip-init=maybe'],
  ['-pattern=/a/b=c;#1', '--pattern=/a/b=c;#1'],
  ['--pattern -put-rate', '--pattern -put-rate'],
  ['-nothing=5 -x --constructor=1', '-nothing=5 -x --constructor=1'],
  ['--skip-init -- -put-rate=5', '--skip-init -- -put-rate=5'],
  ['', ''],
])('%s is read as %s', (old, read) => {
  expect(oldStyleArgv(old.split(' '), flags).join(' ')).toBe(read);
});
