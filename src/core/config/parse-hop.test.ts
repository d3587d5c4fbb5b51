import { expect, test } from 'vitest';
import { parseHop } from './parse-hop.ts';

test.each([
  ['gate', { address: 'gate' }],
  ['ops@gate.example:2222', { user: 'ops', address: 'gate.example', port: 2222 }],
  ['[2001:db8::1]:22', { address: '2001:db8::1', port: 22 }],
  ['ops@[2001:db8::1]', { user: 'ops', address: '2001:db8::1' }],
])('%s', (written, hop) => {
  expect(parseHop(written)).toEqual({ name: written, ...hop });
});

test.each(['ops:secret@gate', 'gate:0', 'gate:70000', 'gate:ssh', '2001:db8::1', 'a b', '@gate', ''])(
  '%s is none',
  (written) => {
    expect(parseHop(written)).toBeUndefined();
  },
);
