import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InputError } from '@etcdperf/core/errors';
import { findRun } from '@etcdperf/core/runs';
import { readSavedLog } from '../logs/read-saved-log.ts';
import type { ClusterLogs, MemberLogs } from './sum-errors.ts';

/** The name of the cluster whose logs are files that nobody names one for. */
const FILES = 'files';

/**
 * Logs that were gathered before: run folders of `harness:logs` (a path, or a run's id) and log files, which make one
 * cluster. Throws InputError for what is neither.
 */
export async function savedLogs(names: readonly string[], runsDir: string): Promise<ClusterLogs[]> {
  const files: MemberLogs[] = [];
  const clusters: ClusterLogs[] = [];
  for (const name of names) {
    const found = await stat(name).catch(() => undefined);
    if (found?.isFile()) files.push(savedLog(basename(name).replace(/(\.log)?(\.gz)?$/, ''), resolve(name)));
    else clusters.push(...(await clustersOfRun(found?.isDirectory() ? resolve(name) : name, runsDir)));
  }
  const members = files.map(({ member }) => member);
  const isTwice = members.some((member, index) => members.indexOf(member) !== index);
  if (isTwice)
    throw new InputError('two files have one name, which tells whose log it is', {
      where: '--from',
      hint: 'name them after their members',
    });
  return files.length === 0 ? clusters : [{ cluster: FILES, members: files }, ...clusters];
}

async function clustersOfRun(name: string, runsDir: string): Promise<ClusterLogs[]> {
  const run = await findRun(runsDir, name);
  const clusters = new Map<string, MemberLogs[]>();
  for (const { name: file } of await run.files()) {
    const [, cluster, member] = /^logs\/([^/]+)\/([^/]+)\.log$/.exec(file) ?? [];
    if (cluster === undefined || member === undefined) continue;
    const members = clusters.get(cluster) ?? [];
    clusters.set(cluster, [...members, savedLog(member, join(run.dir, file))]);
  }
  if (clusters.size === 0)
    throw new InputError(`run ${run.manifest.id} has no logs`, { where: '--from', hint: 'harness:logs gathers them' });
  const asked = run.manifest.config.cluster;
  return [...clusters]
    .map(([cluster, members]) => ({ cluster, members }))
    .sort((a, b) => Number(b.cluster === asked) - Number(a.cluster === asked));
}

function savedLog(member: string, path: string): MemberLogs {
  return {
    member,
    open: async () => ({
      member,
      origin: { kind: 'saved', path },
      read: (options) => readSavedLog(path, options),
    }),
  };
}
