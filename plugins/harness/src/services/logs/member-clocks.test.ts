import { connectHosts, type Executor, LocalExecutor } from '@etcdperf/core/ssh';
import { startSshd } from '@etcdperf/core/testing';
import { expect, test } from 'vitest';
import type { ProcessMember } from '../members/cluster-members.ts';
import { memberClocks } from './member-clocks.ts';

const member = (name: string, executor: Executor) =>
  ({ kind: 'process', name, site: { executor, workDir: '/tmp' } }) as ProcessMember;

test('every host that answers has an error bar; this machine needs none', async () => {
  await using sshd = await startSshd();
  const { port, user, keyFile, knownHostsFile } = sshd;
  const host = { name: 'node1', address: '127.0.0.1', port, user, keyFile, knownHostsFile, groups: [] };
  const down = { ...host, name: 'node2', port: 1 };
  const connections = connectHosts([host, down].map((one) => ({ ...one, become: 'none' as const })));
  try {
    const clocks = await memberClocks(
      [
        ...[member('a', connections.executor('node1')), member('b', connections.executor('node1'))],
        ...[member('c', connections.executor('node2')), member('d', new LocalExecutor())],
      ],
      undefined,
    );
    expect([...clocks.keys()].sort()).toEqual(['a', 'b']);
    expect(clocks.get('a')).toBe(clocks.get('b'));
    expect(clocks.get('a')?.errorBarMs).toBeGreaterThan(0);
  } finally {
    await connections.close();
  }
}, 120_000);
