#!/usr/bin/env node
// npm run perf -- NAME [ARGS]: a measurement of test/perf/ (NAME.ts, or NAME/main.ts), from the sources, under the
// project's node.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'test/perf');
const [name = '', ...args] = process.argv.slice(2);
const scripts = Object.fromEntries(
  readdirSync(folder, { withFileTypes: true }).map((entry) =>
    entry.isDirectory()
      ? [entry.name, join(folder, entry.name, 'main.ts')]
      : [entry.name.slice(0, -3), join(folder, entry.name)],
  ),
);
const script = scripts[name];

if (script === undefined || !existsSync(script)) {
  process.stderr.write(`usage: npm run perf -- NAME [ARGS]\nmeasurements: ${Object.keys(scripts).join(', ')}\n`);
  process.exitCode = 2;
} else {
  const own = join(root, 'node_modules/node/bin/node');
  const { status } = spawnSync(own, ['--conditions=etcdperf-source', script, ...args], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
