import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import type { InventoryHost } from './inventory.ts';
import { selectHosts } from './select-hosts.ts';

const groups = new Map([
  ['etcd', ['node1', 'node2', 'node3']],
  ['agents', ['load01', 'load02', 'node3']],
]);
const names = ['node1', 'node2', 'node3', 'load01', 'load02', 'db.example'];
const hosts = names.map((name): InventoryHost => ({ name, address: name, become: 'none', groups: [] }));
const inventory = { hosts, groups };
const chosen = (limit?: string, group?: string) => selectHosts(inventory, { limit, group }).map(({ name }) => name);

describe('--limit', () => {
  test.each([
    [undefined, names],
    ['all', names],
    ['node2', ['node2']],
    ['etcd', ['node1', 'node2', 'node3']],
    ['@etcd', ['node1', 'node2', 'node3']],
    ['load02,node1', ['node1', 'load02']],
    ['node[1-2]', ['node1', 'node2']],
    ['load[01-02]', ['load01', 'load02']],
    ['node*', ['node1', 'node2', 'node3']],
    ['node?', ['node1', 'node2', 'node3']],
    ['*.example', ['db.example']],
    ['etcd,!node3', ['node1', 'node2']],
    ['!node3,etcd', ['node1', 'node2']],
    ['!etcd', ['load01', 'load02', 'db.example']],
    ['etcd, agents, !@agents', ['node1', 'node2']],
    ['!node[1-2],!load*', ['node3', 'db.example']],
  ])('%s', (limit, expected) => {
    expect(chosen(limit)).toEqual(expected);
  });

  test('a group narrows it further', () => {
    expect(chosen(undefined, 'agents')).toEqual(['node3', 'load01', 'load02']);
    expect(chosen('etcd', 'agents')).toEqual(['node3']);
  });

  test.each([
    ['nod1', "no host or group 'nod1'", "did you mean 'node1'?"],
    ['@etdc', "no group 'etdc'", "did you mean 'etcd'?"],
    ['web*', "no host matches 'web*'", undefined],
    ['node[2-4]', "no host or group 'node4'", "did you mean 'node1'?"],
    ['!x9', "no host or group 'x9'", undefined],
    ['node[3-1]', "'[3-1]' makes nothing: it ends (1) before it starts (3)", undefined],
  ])('%s is refused', (limit, message, hint) => {
    expect(() => chosen(limit)).toThrow(InputError);
    try {
      chosen(limit);
    } catch (error) {
      expect((error as InputError).problems).toEqual([{ where: '--limit', message, hint }]);
    }
  });

  test('all that is wrong is told at once', () => {
    try {
      chosen('x,y,node1');
      expect.unreachable();
    } catch (error) {
      expect((error as InputError).problems).toHaveLength(2);
    }
  });

  test('a choice of nothing is refused', () => {
    expect(() => chosen('node1,!node1')).toThrow("no host is chosen by --limit 'node1,!node1'");
    expect(() => chosen('db.example', 'etcd')).toThrow("no host is chosen by --limit 'db.example' in the group 'etcd'");
    expect(() => chosen(undefined, 'masters')).toThrow(InputError);
    for (const limit of ['', ' ', ',']) expect(() => chosen(limit)).toThrow('--limit names no host');
  });

  test('what is excluded is never chosen, and the order is always that of the inventory', () => {
    const name = fc.constantFrom(...names, 'etcd', '@agents', 'node*');
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 4 }),
        fc.array(fc.constantFrom(...names), { maxLength: 3 }),
        (some, not) => {
          const limit = [...some, ...not.map((one) => `!${one}`)].join(',');
          let result: string[];
          try {
            result = chosen(limit);
          } catch (error) {
            expect((error as Error).message).toMatch(/no host is chosen|names no host/);
            return;
          }
          expect(result.filter((one) => not.includes(one))).toEqual([]);
          expect(result).toEqual(names.filter((one) => result.includes(one)));
        },
      ),
    );
  });
});
