import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { InputError } from '../errors/index.ts';
import { editInventory } from './edit-inventory.ts';
import { setYamlValue } from './set-yaml-value.ts';

const ENDPOINTS = ['clusters', 'main', 'endpoints'];
const set = (text: string, value: unknown = ['http://a:1'], path = ENDPOINTS) => setYamlValue(text, path, value);

describe('a value is set', () => {
  test.each<[string, string, string]>([
    [
      'behind the last key of a block map, before what follows',
      'clusters:\n    main:   # the one\n        backend: local   # here\n\n# next\ncontrol: main\n',
      'clusters:\n    main:   # the one\n        backend: local   # here\n        endpoints:\n          - http://a:1\n\n# next\ncontrol: main\n',
    ],
    [
      'behind nested maps and lists',
      'clusters:\n  main:\n    members:\n      - a # first\n      - b\n    flags:\n      x: 1\n  other: {}\n',
      'clusters:\n  main:\n    members:\n      - a # first\n      - b\n    flags:\n      x: 1\n    endpoints:\n      - http://a:1\n  other: {}\n',
    ],
    [
      'at the end of a file without a last newline',
      'clusters:\n  main:\n    backend: local',
      'clusters:\n  main:\n    backend: local\n    endpoints:\n      - http://a:1\n',
    ],
    [
      'in place of the old one, with the layout of all others kept',
      'clusters:\n  main:\n    endpoints: [ http://b:1,http://c:1 ] # found\n    flags: {x:   1}\n    version: "3.6.16"\n',
      'clusters:\n  main:\n    endpoints:\n      - http://a:1 # found\n    flags: {x:   1}\n    version: "3.6.16"\n',
    ],
    [
      'in place of an old block',
      'clusters:\n  main:\n    endpoints:\n      - http://b:1\n      # the second\n      - http://c:1\n    # which\n    version: 3.6.16\n',
      'clusters:\n  main:\n    endpoints:\n      - http://a:1\n    # which\n    version: 3.6.16\n',
    ],
    [
      'in a map within braces',
      'clusters: { main: { backend: local } }\n',
      'clusters: { main: { backend: local, endpoints: [ http://a:1 ] } }\n',
    ],
    [
      'where there is nothing yet',
      '# all\nhosts: [a]\n',
      '# all\nhosts: [ a ]\nclusters:\n  main:\n    endpoints:\n      - http://a:1\n',
    ],
  ])('%s', (_, before, after) => {
    expect(set(before)).toBe(after);
    expect(set(after)).toBe(after);
  });

  test('or not at all, where the text is no YAML or has no room for it', () => {
    expect(set('clusters: [\n')).toBeUndefined();
    expect(set('clusters: 3\n')).toBeUndefined();
    expect(set('clusters: { main: [a] }\n')).toBeUndefined();
  });

  test('whatever it is, it can be read back, and nothing else changes', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
    const value = fc.oneof(scalar, fc.array(scalar), fc.dictionary(name, scalar));
    const cluster = fc.dictionary(name, value);
    fc.assert(
      fc.property(
        fc.dictionary(name, cluster),
        name,
        name,
        value,
        fc.integer({ min: 1, max: 8 }),
        (clusters, one, key, wanted, indent) => {
          const content = { hosts: ['a'], clusters, control: 'x' };
          const text = `# top\n${stringify(content, { indent })}# end\n`;
          const changed = setYamlValue(text, ['clusters', one, key], wanted)!;
          const expected = { ...content, clusters: { ...clusters, [one]: { ...clusters[one], [key]: wanted } } };
          expect(parse(changed)).toEqual(expected);
          expect(changed).toContain('# top\n');
          expect(changed).toContain('# end\n');
        },
      ),
    );
  });
});

describe('a file', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'etcdperf-edit-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  test('keeps its mode and stays a link; nothing is left beside it', async () => {
    const file = join(dir, 'real.yaml');
    const link = join(dir, 'link.yaml');
    writeFileSync(file, 'clusters:\n  main:\n    backend: local\n');
    chmodSync(file, 0o640);
    symlinkSync('real.yaml', link);
    expect(await editInventory(link, ENDPOINTS, ['http://a:1'])).toBe(true);
    expect(await editInventory(link, ENDPOINTS, ['http://a:1'])).toBe(false);
    expect(readFileSync(file, 'utf8')).toContain('      - http://a:1\n');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(dir)).toEqual(['link.yaml', 'real.yaml']);
  });

  test('that is not there or has no room is wrong input', async () => {
    await expect(editInventory(join(dir, 'none.yaml'), ENDPOINTS, [])).rejects.toThrow(/can't write .*ENOENT/);
    const file = join(dir, 'list.yaml');
    writeFileSync(file, '- a\n');
    await expect(editInventory(file, ENDPOINTS, [])).rejects.toBeInstanceOf(InputError);
    expect(readFileSync(file, 'utf8')).toBe('- a\n');
  });
});
