import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { controlOf } from '../../testing/control-of.ts';
import { testFolder } from '../../testing/drive-workload.ts';

const bin = fileURLToPath(new URL('../../../../../bin/run.js', import.meta.url));
const MB = 1_000_000;

let etcd: TestCluster;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  etcd = await startEtcd({ flags: { 'quota-backend-bytes': 64 * MB } });
  folder = await testFolder();
});
afterAll(async () => {
  await etcd.stop();
  await folder[Symbol.asyncDispose]();
});

/** As a user would type it; the built command line (`npm run build`). */
function etcdperf(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { NODE_ENV: _testing, ...env } = process.env;
  const options = { cwd: folder.path, env: { ...env, ETCDPERF_ENDPOINTS: etcd.endpoints.join(',') } };
  return new Promise((resolve) =>
    execFile(process.execPath, [bin, ...args], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    ),
  );
}

test('driver:stop: nobody to stop, one that does not end, and the key cleared', async () => {
  const key = ['--test-end-key', '/stopped/end'];
  const nobody = await etcdperf('driver:stop', ...key);
  expect(nobody).toMatchObject({ code: 0, stdout: expect.stringContaining('no driver runs\n/stopped/end stays true') });
  const cleared = await etcdperf('driver:stop', ...key, '--clear', '--json');
  expect(cleared.code, cleared.stderr).toBe(0);
  expect(JSON.parse(cleared.stdout)).toMatchObject({ endKey: '/stopped/end', drivers: [], isCleared: true });
  await using client = await WireClient.connect({ endpoints: etcd.endpoints });
  expect((await client.range('/stopped/end')).count).toBe(0);

  await using deaf = await controlOf({ endpoints: etcd.endpoints }, { endKey: '/stopped/end', name: 'deaf' });
  await deaf.control.register();
  const late = await etcdperf('driver:stop', ...key, '--timeout', '1s', '--clear');
  expect(late.code, late.stderr).toBe(1);
  expect(late.stderr).toContain('0 of 1 drivers have ended, not deaf');
  expect(late.stdout).toMatch(/^deaf .* still running \(load\)/m);
  expect(late.stdout).toContain('/stopped/end stays true');
});

test('driver:fill: keys, and more than there is room for', async () => {
  const filled = await etcdperf('driver:fill', '--keys', '1200', '--conns', '2', '--clients', '20', '--json');
  expect(filled.code, filled.stderr).toBe(0);
  expect(JSON.parse(filled.stdout)).toMatchObject({
    command: 'driver:fill',
    fill: { goal: { kind: 'keys', keys: 1200 }, isReached: true, keys: 1200, quotaBytes: 64 * MB },
  });
  const text = await etcdperf('driver:fill', '--keys', '100', '--cleanup');
  expect(text.code, text.stderr).toBe(0);
  expect(text.stdout).toMatch(/^filled: 100 keys written, 100 keys asked for$/m);
  const tooMuch = await etcdperf('driver:fill', '--gb', '5');
  expect(tooMuch).toMatchObject({ code: 2, stdout: '' });
  expect(tooMuch.stderr).toContain('the quota has no room for 5 GB');
  for (const args of [[], ['--gb', '1', '--keys', '5'], ['--gb', 'much']])
    expect((await etcdperf('driver:fill', ...args)).code).toBe(2);
});
