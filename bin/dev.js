#!/usr/bin/env node
// Builds what has changed, then runs: for work on etcdperf itself. Users and measurements use run.js.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [build, '--quiet'], { stdio: ['ignore', 2, 2] });
if (status === 0) await import('./run.js');
else process.exitCode = 1;
