import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldHostNames } from './fold-host-names.ts';
import { expandHostRange, splitHostList } from './host-range.ts';

describe('foldHostNames', () => {
  test.each([
    [['node1', 'node2', 'node3', 'node5'], 'node[1-3,5]'],
    [['node10', 'node9', 'node8'], 'node[8-10]'],
    [['node08', 'node09', 'node10'], 'node[08-10]'],
    [['node1', 'node01'], 'node1,node01'],
    [['rack1-node01', 'rack1-node02', 'rack2-node01', 'rack2-node02'], 'rack[1-2]-node[01-02]'],
    [['rack1-node1', 'rack1-node2', 'rack2-node1'], 'rack1-node[1-2],rack2-node1'],
    [['10.0.0.1', '10.0.0.2', '10.0.1.1', '10.0.1.2'], '10.0.[0-1].[1-2]'],
    [['db', 'node1'], 'db,node1'],
    [['node1', 'node1'], 'node1'],
    [[], ''],
  ])('%j is %s', (names, folded) => {
    expect(foldHostNames(names).split(',').sort().join(',')).toBe(folded.split(',').sort().join(','));
  });

  test('expands to the same names again', () => {
    const part = fc.oneof(fc.constantFrom('node', 'rack', '-', 'a', '.'), fc.stringMatching(/^[0-9]{1,3}$/));
    const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 30 }), (names) => {
        const again = splitHostList(foldHostNames(names)).flatMap(expandHostRange);
        expect(again.toSorted()).toEqual([...new Set(names)].toSorted());
      }),
    );
  });
});
