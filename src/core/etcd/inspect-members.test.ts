import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInspection, portConflict } from './inspect-members.ts';

test('what the script says of each member', () => {
  const marker = { cluster: 'main', identity: 'abc', member: 'node1' };
  const text = [
    'member',
    'member',
    'data',
    'locked',
    `marker ${JSON.stringify(marker)}`,
    '',
    'record not json',
    '',
    'member',
    'data',
    'member',
    'notdir',
    'listen 0100007F:0947',
    'listen 0B0112C6:094C',
    'listen 00000000:0016',
    'listen 00000000000000000000000000000000:1F90',
    'listen 0000000000000000FFFF00000100007F:0050',
    'listen 0000000000000000000000000100000A:0051',
    '',
  ].join('\n');
  const { members, listening } = parseInspection(text);
  expect(members).toEqual([
    { data: { kind: 'none' }, record: undefined },
    { data: { kind: 'marked', marker, inUse: true }, record: undefined },
    { data: { kind: 'unmarked', inUse: false }, record: undefined },
    { data: { kind: 'not-a-directory' }, record: undefined },
  ]);
  expect(listening).toEqual([
    { address: '127.0.0.1', port: 2375 },
    { address: '198.18.1.11', port: 2380 },
    { address: null, port: 22 },
    { address: null, port: 8080 },
    { address: '127.0.0.1', port: 80 },
    { address: '0:0:0:0:0:0:a00:1', port: 81 },
  ]);
});

test.each([
  ['198.18.1.11', 2380, true],
  ['198.18.1.12', 2380, false],
  ['198.18.1.12', 22, true],
  ['198.18.1.11', 2379, false],
])('listening on %s:%i is in the way: %s', (address, port, expected) => {
  const listening = [
    { address: '198.18.1.11', port: 2380 },
    { address: null, port: 22 },
  ];
  expect(portConflict(listening, address, port) !== undefined).toBe(expected);
});

test('whatever a host prints, there is an answer for it and no exception', () => {
  const line = fc.oneof(
    fc.constantFrom('member', 'data', 'locked', 'notdir', 'marker {}', 'marker null', 'record []', 'listen 0:0'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { members } = parseInspection(lines.join('\n'));
      expect(members.length).toBeLessThanOrEqual(lines.join('\n').split('\n').length);
    }),
  );
});
