import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLab } from '@etcdperf/core/lab';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { liveThrough } from './cluster-life.ts';

test('a cluster on hosts, with TLS, from its certificates to its end', { timeout: 300_000 }, async () => {
  await using lab = await createLab({ hosts: 3 });
  const folder = mkdtempSync(join(tmpdir(), 'etcdperf-life-hosts-'));
  try {
    const document = parseDocument(readFileSync(lab.inventoryPath, 'utf8'));
    const [cluster] = Object.keys(document.toJS().clusters);
    document.setIn(['clusters', cluster, 'tls'], { dir: 'pki' });
    const inventory = join(folder, 'etcdperf.yaml');
    writeFileSync(inventory, document.toString());

    await liveThrough(inventory, cluster!);
    const left = await Promise.all(
      lab.hosts.map(async (host) => {
        const look =
          'pgrep -x "etcd.*" -a; find /var/lib/etcdperf -path "*/bin" -prune -o -type f ! -name .lock -print; true';
        return (await host.exec(['sh', '-c', look])).stdout;
      }),
    );
    expect(left).toEqual(['', '', '']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
