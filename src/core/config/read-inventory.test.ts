import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { InputError } from '../errors/index.ts';
import { foldHostNames } from './fold-host-names.ts';
import { inventorySchema } from './inventory-schema.ts';
import { readInventory } from './read-inventory.ts';

let file: string;
beforeAll(() => {
  file = join(mkdtempSync(join(tmpdir(), 'etcdperf-config-')), 'lab.yaml');
});
afterAll(() => rmSync(join(file, '..'), { recursive: true, force: true }));

function read(text: string) {
  writeFileSync(file, text);
  return readInventory(file);
}

/** Reads whatever text: an inventory, or an InputError of which every problem has its place in the file. */
function readAnything(text: string): void {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const { where, message } of error.problems) {
      expect(where).toMatch(/lab\.yaml:\d+:\d+$/);
      expect(message).not.toBe('');
    }
  }
}

test('what is written is what is read', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[0-9]{1,3})?$/);
  const settings = fc.record(
    {
      user: fc.constantFrom('root', 'lab'),
      port: fc.integer({ min: 1, max: 65535 }),
      become: fc.constantFrom('none' as const, 'sudo' as const),
      passwordEnv: fc.constantFrom('A', 'LAB_PASSWORD'),
    },
    { requiredKeys: [] },
  );
  const lab = fc.uniqueArray(name, { minLength: 1, maxLength: 12 }).chain((names) =>
    fc.record({
      hosts: fc.tuple(...names.map((one) => fc.tuple(fc.constant(one), settings))),
      groups: fc.dictionary(fc.stringMatching(/^G[a-z]{1,4}$/), fc.subarray(names, { minLength: 1 }), { maxKeys: 4 }),
      limits: fc.record({ nofile: fc.integer({ min: 1024, max: 1e6 }), nproc: fc.integer({ min: 256, max: 1e6 }) }),
      style: fc.constantFrom('list', 'map'),
      folded: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(lab, ({ hosts, groups, limits, style, folded }) => {
      const inventory = read(
        stringify({
          hosts: style === 'map' ? Object.fromEntries(hosts) : hosts.map(([one, own]) => ({ name: one, ...own })),
          groups: Object.fromEntries(
            Object.entries(groups).map(([group, members]) => [group, folded ? foldHostNames(members) : members]),
          ),
          limits,
        }),
      );
      expect(inventory.hosts.map(({ groups: _groups, ...host }) => host)).toEqual(
        hosts.map(([one, own]) => ({ name: one, address: one, become: 'none', ...own })),
      );
      for (const [group, members] of Object.entries(groups)) {
        expect(inventory.groups.get(group)?.toSorted()).toEqual(members.toSorted());
      }
      expect(inventory.limits).toEqual({ ...limits, sysctls: {} });
    }),
  );
});

test('any structure is an inventory, or a list of problems with their places', () => {
  const key = fc.constantFrom(
    ...Object.keys(inventorySchema.shape),
    ...[
      'name',
      'address',
      'port',
      'members',
      'etcd',
      'main',
      'ports',
      'client',
      'flags',
      'tls',
      'servers',
      'x',
      '__proto__',
    ],
  );
  const leaf = fc.constantFrom(
    null,
    0,
    1,
    -1,
    2379,
    1.5,
    true,
    '',
    'a',
    'etcd',
    'local',
    '@etcd',
    'n[1-3]',
    'n[3-1]',
    '/x',
    'a,b',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: false }),
    ),
  }));
  const document = fc.dictionary(fc.constantFrom(...Object.keys(inventorySchema.shape)), tree);
  fc.assert(
    fc.property(document, (content) => readAnything(stringify(content))),
    { numRuns: 1000 },
  );
});

test('any text too', () => {
  const piece = fc.constantFrom(
    'hosts',
    'groups',
    ':',
    ' ',
    '\n',
    '  ',
    '\t',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    'a',
    '&x',
    '*x',
    '<<',
    '!t',
    '"',
    "'",
    '|',
    '#',
    '?',
    '---',
    '%',
    '1',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => readAnything(pieces.join(''))),
    { numRuns: 1000 },
  );
});
