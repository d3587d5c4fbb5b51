import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEtcd, type TestCluster } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { type Place, RANGE_KEY } from './rows.ts';

/** A fresh etcd, and how both tools reach it. */
export interface Site extends AsyncDisposable {
  readonly cluster: TestCluster;
  /** The same for both. */
  readonly flags: readonly string[];
}

const VALUE_BYTES = 256;
/** Room for what the longest row writes. */
const QUOTA_BYTES = 8 * 2 ** 30;

/** Starts it, with the key there that range rows read. */
export async function openSite(place: Place, folder: string): Promise<Site> {
  const quota = { 'quota-backend-bytes': QUOTA_BYTES };
  const cluster = await startEtcd(
    place === 'disk'
      ? { members: 3, tmpfs: false, flags: { ...quota, 'unsafe-no-fsync': false } }
      : { ...(place === 'tls' && { tls: 'server' as const }), flags: quota },
  );
  const flags = [`--endpoints=${cluster.endpoints.join(',')}`];
  const ca = cluster.certificates?.ca;
  if (ca !== undefined) {
    const file = join(folder, 'ca.crt');
    await writeFile(file, ca);
    flags.push(`--cacert=${file}`);
  }
  const client = await WireClient.connect({ endpoints: cluster.endpoints, ...(ca && { tls: { ca } }) });
  await client.put(RANGE_KEY, Buffer.alloc(VALUE_BYTES, 'v'));
  await client.close();
  return { cluster, flags, [Symbol.asyncDispose]: () => cluster.stop() };
}
