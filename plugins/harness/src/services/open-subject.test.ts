import { expect, test } from 'vitest';
import type { ClusterMembers } from './members/cluster-members.ts';
import { withNames } from './open-subject.ts';

test('forwarded ports are told as the members that they lead to; addresses that users know stay', () => {
  const member = (kind: 'pod' | 'process', name: string, clientUrl: string) => ({ kind, name, clientUrl });
  const of = (...members: object[]) => ({ members }) as unknown as ClusterMembers;
  const text = 'https://127.0.0.1:4001: no answer in time; https://127.0.0.1:4002: connection refused';
  const pods = of(member('pod', 'etcd-0', 'https://127.0.0.1:4001'), member('pod', 'etcd-1', 'https://127.0.0.1:4002'));
  expect(withNames(text, pods)).toBe('etcd-0: no answer in time; etcd-1: connection refused');
  expect(withNames(text, of(member('process', 'node1', 'https://127.0.0.1:4001')))).toBe(text);
  expect(withNames(text, undefined)).toBe(text);
});
