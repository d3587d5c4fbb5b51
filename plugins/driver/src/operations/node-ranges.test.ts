import { Method, ProtoReader } from '@etcdperf/core/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSpace } from '../testing/driver-space.ts';
import { NodeRanges } from './node-ranges.ts';

const space = openSpace('/range/%a-%d[30]/%b-%040d[4]/%c-%0100d[2];#10');

/** The fields of a request, and its whole message's length as the template tells it. */
function requestOf(ranges: NodeRanges) {
  const bytes = Buffer.alloc(2000, 0xff);
  ranges.fill(bytes, 100);
  const reader = new ProtoReader(bytes, 100, 100 + ranges.template.size - 5);
  const fields: Record<number, string> = {};
  for (let field = reader.next(); field !== 0; field = reader.next())
    fields[field] = field < 3 ? reader.text() : String(reader.number());
  expect(bytes[reader.end]).toBe(0xff);
  return fields;
}

test('subtrees of all levels, and nodes’ own keys', () => {
  const ranges = new NodeRanges(Method.range, space, Buffer.from([0x38, 1]));
  fc.assert(
    fc.property(fc.nat({ max: 3 }), fc.nat(), fc.boolean(), (level, number, isBranch) => {
      const node = number % space.nodesAt(level);
      ranges.choose(level, node, isBranch);
      const path = Buffer.alloc(500);
      const key = path.toString('utf8', 0, space.writeNode(path, 0, level, node));
      const range = isBranch && level < 3 ? { 1: `${key}/`, 2: `${key}0` } : { 1: key };
      expect(requestOf(ranges)).toEqual({ ...range, 7: '1' });
    }),
  );
});
