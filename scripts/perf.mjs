#!/usr/bin/env node
// npm run perf -- NAME [ARGS]: a measurement of test/perf/, from the sources, under the project's node.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'test/perf');
const [name = '', ...args] = process.argv.slice(2);
const script = join(folder, `${name}.ts`);

if (name === '' || !existsSync(script)) {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
  process.stderr.write(`usage: npm run perf -- NAME [ARGS]\nmeasurements: ${names.join(', ')}\n`);
  process.exitCode = 2;
} else {
  const own = join(root, 'node_modules/node/bin/node');
  const { status } = spawnSync(own, ['--conditions=etcdperf-source', script, ...args], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
