import { Flags } from '@etcdperf/core/cli';
import type { Target } from '@etcdperf/core/etcd';

export const snapshotFlags = {
  target: Flags.custom<Target>({
    parse: async (text) => (await import('@etcdperf/core/etcd')).parseTarget(text),
    description:
      'the member to take it from: leader, followers, or a name; without it another is taken where one fails',
    helpValue: 'leader|followers|MEMBER',
  })(),
  force: Flags.boolean({ description: 'replace the file if it is there' }),
};
