import type { LoadReport } from '@etcdperf/core/load';
import { keyText } from '../key-text.ts';
import { findRefusedKey, keysOf } from './find-refused-key.ts';
import type { LeaseCounts } from './lease-book.ts';
import type { LoadBatches } from './load-batches.ts';
import type { LoadDumpEnding, LoadResult } from './load-result.ts';
import type { LoadSite } from './load-site.ts';

/** All that is to be said of a load that is over. */
export async function concludeLoad(
  site: LoadSite,
  load: LoadReport,
  batches: LoadBatches,
  leases: LeaseCounts | undefined,
): Promise<LoadResult> {
  const { settings, task, source, run, from, journal } = site;
  const { keys = 0, bytes = 0, retries = 0, there } = batches.counters();
  const ending = await endingOf(site, load, batches, leases);
  return {
    command: settings.command,
    runFolder: run.dir,
    file: source.name,
    endpoints: site.access.endpoints,
    mode: task.mode,
    leasePolicy: task.leases,
    ending,
    dumpKeys: source.keys,
    dumpKeysDone: batches.acknowledged.position.records,
    keys,
    bytes,
    there,
    retries,
    resumedAfter: site.resumed && from.keys,
    leases,
    durationMs: load.durationMs,
    keysPerSec: load.durationMs === 0 ? 0 : Math.round((keys * 1000) / load.durationMs),
    resumeWith: ending.kind === 'complete' || journal === undefined ? undefined : settings.resumeWith(run.id),
    load,
  };
}

async function endingOf(
  site: LoadSite,
  { ending }: LoadReport,
  { refused }: LoadBatches,
  leases: LeaseCounts | undefined,
): Promise<LoadDumpEnding> {
  if (ending.kind === 'interrupted') return { kind: 'interrupted' };
  if (ending.kind === 'stopped') {
    const { reason, hint } = ending;
    return { kind: 'stopped', reason, hint, ...(refused !== undefined && (await refusal(site, refused))) };
  }
  const lost = leases?.lost ?? 0;
  if (lost === 0) return { kind: 'complete' };
  return {
    kind: 'stopped',
    reason: `${lost === 1 ? 'a lease' : `${lost} leases`} ran out during the load, since etcd could not be reached, and the keys with it`,
    hint: 'they are put again when the load is resumed',
  };
}

/** What can be said better than in etcd's words, which name no key. */
async function refusal(
  { access }: LoadSite,
  { batch, reason }: NonNullable<LoadBatches['refused']>,
): Promise<Partial<Extract<LoadDumpEnding, { kind: 'stopped' }>>> {
  if (reason === 'permission-denied') {
    const key = await findRefusedKey(access, batch);
    return key === undefined
      ? {}
      : { reason: `${access.auth?.user ?? 'the user'} may not put the key ${keyText(key)}` };
  }
  if (reason !== 'too-large') return {};
  if (batch.keys > 1) return { hint: `a transaction had ${batch.bytes} bytes: give a smaller --batch-bytes` };
  const [key] = keysOf(batch);
  return {
    reason: `the key ${keyText(key!)} with its value of ${batch.bytes - key!.length} bytes is too large for etcd`,
    hint: 'give the members a larger --max-request-bytes',
  };
}
