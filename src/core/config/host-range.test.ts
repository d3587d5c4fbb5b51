import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandHostRange, HostRangeError, splitHostList } from './host-range.ts';

describe('expandHostRange', () => {
  test.each([
    ['node[1-3]', ['node1', 'node2', 'node3']],
    ['node[9-11]', ['node9', 'node10', 'node11']],
    ['node[08-10]', ['node08', 'node09', 'node10']],
    ['node[1,3,5-6]', ['node1', 'node3', 'node5', 'node6']],
    ['rack[1-2]-node[01-02]', ['rack1-node01', 'rack1-node02', 'rack2-node01', 'rack2-node02']],
    ['10.0.0.[1-2]', ['10.0.0.1', '10.0.0.2']],
    ['node[7]', ['node7']],
    ['node', ['node']],
  ])('%s', (pattern, names) => {
    expect(expandHostRange(pattern)).toEqual(names);
  });

  test.each([
    ['node[5-3]', 'makes nothing'],
    ['node[]', 'not a range'],
    ['node[a-c]', 'not a range'],
    ['node[1-]', 'not a range'],
    ['node[1-3', 'no partner'],
    ['node1-3]', 'no partner'],
    ['node[[1]]', 'no partner'],
    ['node[08-100]', 'digits'],
    ['node[1-999999999]', 'more than'],
    ['n[1-99999][1-99999]', 'the most is'],
  ])('%s is refused', (pattern, why) => {
    expect(() => expandHostRange(pattern)).toThrow(HostRangeError);
    expect(() => expandHostRange(pattern)).toThrow(why);
  });

  test('makes every number from the first to the last, once, in order', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(200), fc.boolean(), (first, more, padded) => {
        const last = first + more;
        const width = padded ? String(last).length + 1 : 1;
        const text = (n: number) => String(n).padStart(width, '0');
        expect(expandHostRange(`n[${text(first)}-${text(last)}]x`)).toEqual(
          Array.from({ length: more + 1 }, (_, i) => `n${text(first + i)}x`),
        );
      }),
    );
  });
});

test('splitHostList splits at the commas between names only', () => {
  expect(splitHostList('a[1,3], b ,,!c[2-3]')).toEqual(['a[1,3]', 'b', '!c[2-3]']);
});
