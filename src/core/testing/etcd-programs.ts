import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../config/index.ts';
import { resolveEtcdBinary } from '../etcd/index.ts';

/** What a series without a patch number stands for where the set-up left none of it: official releases. */
const RELEASES: Readonly<Record<string, string>> = {
  '3.4': '3.4.23',
  '3.5': '3.5.35',
  '3.6': '3.6.16',
  '3.7': '3.7.3',
};

/**
 * The etcd server of a version (`3.5.35`), or of a series (`3.5`): its newest that the set-up left in the cache. What
 * is not there is downloaded. Without a version: what etcdperf itself would run.
 */
export async function findEtcd(version?: string): Promise<string> {
  if (version === undefined) return (await resolveEtcdBinary()).path;
  const known = RELEASES[version];
  if (known === undefined) return (await resolveEtcdBinary({ version })).path;
  return (await newestOf('etcd', `${version}.`)) ?? (await resolveEtcdBinary({ version: known })).path;
}

/** etcd's own client programs, as `npm run setup` built them (test/tools/etcd-benchmark). */
export async function findEtcdTool(program: 'etcdctl' | 'benchmark'): Promise<string> {
  const found = await newestOf(program, '');
  if (found === undefined) throw new Error(`no ${program}: run npm run setup (it needs Go)`);
  return found;
}

async function newestOf(program: string, prefix: string): Promise<string | undefined> {
  const cache = join(cacheDir(), 'etcd');
  const versions = await readdir(cache).catch(() => []);
  const found: string[] = [];
  for (const version of versions.filter((name) => /^\d+\.\d+\.\d+$/.test(name) && name.startsWith(prefix))) {
    if ((await readdir(join(cache, version))).includes(program)) found.push(version);
  }
  const newest = found.sort((a, b) => a.localeCompare(b, undefined, { numeric: true })).at(-1);
  return newest === undefined ? undefined : join(cache, newest, program);
}
