#!/usr/bin/env node
// Runs the tests and closes with the plain line `N passed, N failed`. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'etcdperf-test-'));
const report = join(folder, 'report.json');

try {
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json'];
  const { status } = spawnSync(
    join(root, 'node_modules/node/bin/node'),
    [...vitest, `--outputFile.json=${report}`, ...process.argv.slice(2)],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const { passed, failed } = count();
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = status === 0 && failed === 0 && passed > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A test file that could not even load counts as a failure, and so does a skipped test: nothing is skipped here. */
function count() {
  try {
    const { numTotalTests, numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const unloadable = testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    return { passed: numPassedTests, failed: numTotalTests - numPassedTests + unloadable.length };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
