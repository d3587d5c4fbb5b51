import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pluginBundles } from './plugin-bundles.ts';

test('bundles that plugins name and that are built, called as their files are', () => {
  const root = mkdtempSync(join(tmpdir(), 'etcdperf-bundles-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'agent.mjs'), '');
  const plugins = [
    { root, pjson: { name: 'one', etcdperf: { bundles: ['./agent.mjs', './not-built.mjs'] } } },
    { root, pjson: { name: 'two' } },
  ];
  expect(pluginBundles(plugins)).toEqual([{ name: 'agent', path: join(root, 'agent.mjs') }]);
});
