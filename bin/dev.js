#!/usr/bin/env node
// Builds what has changed, then runs: for work on etcdperf itself. Users and measurements use run.js.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
execFileSync(process.execPath, [build, '--quiet'], { stdio: ['ignore', process.stderr, process.stderr] });
await import('./run.js');
