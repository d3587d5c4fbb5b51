import { stat } from 'node:fs/promises';
import { InputError } from '@etcdperf/core/errors';
import { type DumpLayout, dumpLayout } from '../../formats/dump-layout.ts';
import { type DumpManifest, manifestPath } from '../../formats/dump-manifest.ts';
import { openDumpOutput } from '../../formats/dump-output.ts';
import { keyText } from '../key-text.ts';
import { CompactedError } from '../live/compacted-error.ts';
import { type LivePages, openLivePages } from '../live/live-pages.ts';
import type { DumpReport } from './dump-report.ts';
import type { DumpContext, DumpSettings } from './dump-settings.ts';
import { writePages } from './write-pages.ts';

/** A cluster that is compacted this often while it is read needs a smaller part read, or a longer history kept. */
const MOST_RESTARTS = 5;
const KUBERNETES = '/registry';

/**
 * Writes what a cluster holds at one revision. Where that is compacted away in the middle the dump has what came before
 * it, and says so, unless it is to begin again. Rejects with an InputError before anything is written, with an
 * OperationError where etcd or the file system fails, with the signal's reason; no file is left then.
 */
export async function dumpCluster(settings: DumpSettings, context: DumpContext): Promise<DumpReport> {
  const layout = layoutOf(settings);
  await refuseExisting(settings);
  const startedAt = Date.now();
  for (let restarts = 0; ; restarts += 1) {
    const dumped = await dumpOnce(settings, layout, context, restarts);
    if (dumped.kind === 'done') {
      const { live, manifest } = dumped;
      return { ...reportOf(settings, live, manifest), restarts, durationMs: Date.now() - startedAt };
    }
    context.onInfo(`${dumped.why.message}: it begins again at a newer one`);
  }
}

type Dumped =
  | { readonly kind: 'done'; readonly live: LivePages; readonly manifest: DumpManifest }
  | { readonly kind: 'again'; readonly why: CompactedError };

async function dumpOnce(
  settings: DumpSettings,
  layout: DumpLayout,
  { signal, onStep, onProgress }: DumpContext,
  restarts: number,
): Promise<Dumped> {
  const startedAt = new Date().toISOString();
  const { filters, sinceRevision } = settings;
  onStep('asking for the revision to read at');
  await using live = await openLivePages({
    ...settings,
    keysOnly: !needsValues(settings, layout),
    withTtl: layout.columns.includes('ttl_left'),
    signal,
    onProgress: (progress) => onProgress({ revision: live.origin.revision, ...progress }),
  });
  const { revision, clusterId, prefixes } = live.origin;
  await using output = await openDumpOutput(settings.output, layout, { signal });
  const { keys, failure } = await writePages(live, output, layout, filters);
  if (failure !== undefined) {
    if (!(failure instanceof CompactedError)) throw failure;
    if (settings.isRestarted && restarts < MOST_RESTARTS) return { kind: 'again', why: failure };
  }
  const completeness =
    failure === undefined
      ? { complete: true as const }
      : { complete: false as const, reason: `${failure.message}: only the first keys are here` };
  const manifest = await output.finish({
    ...{ revision, clusterId, prefixes, keys, startedAt, ...completeness },
    filters: filters.map(({ text }) => text),
    ...(sinceRevision !== undefined && { sinceRevision }),
  });
  return { kind: 'done', live, manifest };
}

/** Throws InputError for wishes that contradict each other. */
function layoutOf({ layout: wishes, prefixes, filters }: DumpSettings): DumpLayout {
  const isKubernetes = prefixes.some((prefix) => prefix.toString('latin1', 0, KUBERNETES.length) === KUBERNETES);
  const blind = wishes.keysOnly === true ? filters.find((filter) => filter.needsValues) : undefined;
  if (blind === undefined) return dumpLayout({ ...wishes, isKubernetes });
  throw new InputError(`the filter '${blind.text}' looks at values, which --keys-only leaves out`, {
    where: '--filter',
    hint: '--values none reads them and leaves them out of the dump',
  });
}

/** Values that nobody looks at aren't asked for. */
function needsValues({ layout: { keysOnly }, filters }: DumpSettings, { columns }: DumpLayout): boolean {
  if (keysOnly === true) return false;
  const isShown = columns.some((column) => ['value', 'value_size', 'api_version', 'kind'].includes(column));
  return isShown || filters.some((filter) => filter.needsValues);
}

/** Nobody's file is replaced unasked. What is no file (a pipe, a device) takes what comes. */
async function refuseExisting({ output, isForced }: DumpSettings): Promise<void> {
  if (output === '-' || isForced) return;
  for (const path of [output, manifestPath(output)]) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) continue;
    throw new InputError('there is such a file already', {
      where: path,
      hint: 'name another, or replace it with --force',
    });
  }
}

function reportOf(
  { output, sinceRevision }: DumpSettings,
  { origin, total, ttls }: LivePages,
  manifest: DumpManifest,
): Omit<DumpReport, 'restarts' | 'durationMs'> {
  return {
    output,
    manifest: output === '-' ? undefined : manifestPath(output),
    revision: origin.revision,
    clusterId: origin.clusterId,
    prefixes: origin.prefixes.map(keyText),
    sinceRevision,
    filters: manifest.filters,
    keys: manifest.keys,
    total,
    bytes: manifest.bytes,
    file: manifest.file,
    leases: { asked: ttls.size, gone: [...ttls.values()].filter((seconds) => seconds < 0).length },
    complete: manifest.complete,
    reason: manifest.complete ? undefined : manifest.reason,
  };
}
