import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { openPatternSpace, type PatternSpace, parsePattern } from '@etcdperf/core/workload';
import { expect, test } from 'vitest';
import { deleteKeys } from './delete-keys.ts';

test.each(['/a/:region/:ip/%k-%d[3]', '/a/:ip/%k-%d[3]', '/a/:region/:ip'])(
  'of %s one driver’s keys go, another’s stay',
  async (pattern) => {
    await using cluster = await startEtcd();
    await using client = await WireClient.connect({ endpoints: cluster.endpoints });
    const [own, others] = ['198.18.0.1', '198.18.0.2'].map((ip) =>
      openPatternSpace(parsePattern(`${pattern};[0-9]{3}`), { ip, seed: 1 }),
    );
    const keysOf = (space: PatternSpace) =>
      Array.from({ length: space.size }, (_, key) => {
        const bytes = Buffer.alloc(space.maxKeyBytes);
        return bytes.toString('utf8', 0, space.writeKey(bytes, 0, key));
      });
    const left = keysOf(others!);
    for (const key of [...keysOf(own!), ...left]) await client.put(key, 'x');
    await deleteKeys({ endpoints: cluster.endpoints }, own!);
    const { kvs } = await client.range('/', { prefix: true });
    expect(kvs.map(({ key }) => key.toString())).toEqual(left.sort());
  },
);
