import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';

const MAKER = `
import { guardFolder, startDaemon } from '@etcdperf/core/daemon';
import { LocalExecutor } from '@etcdperf/core/ssh';
const [folder] = process.argv.slice(1);
guardFolder(folder);
for (const workDir of [folder, folder + '/cluster']) {
  const { pid } = await startDaemon(new LocalExecutor(), workDir, { name: 'sleeper', argv: ['sleep', '600'] });
  console.log(pid);
}
setInterval(() => {}, 1000);
`;

test('a killed maker leaves neither daemons nor their folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-guard-'));
  const argv = ['--conditions=etcdperf-source', '--input-type=module', '-e', MAKER, folder];
  const maker = spawn(process.execPath, argv, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let said = '';
    maker.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await vi.waitFor(() => expect(said.match(/\d+\n/g)).toHaveLength(2), { timeout: 30_000 });
    const pids = said.trim().split('\n').map(Number);
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(true);

    maker.kill('SIGKILL');
    await vi.waitFor(() => expect([folder, ...pids.map((pid) => `/proc/${pid}`)].filter(existsSync)).toEqual([]), {
      timeout: 30_000,
    });
  } finally {
    maker.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
