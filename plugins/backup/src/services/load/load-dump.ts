import { resolveTarget } from '@etcdperf/core/etcd';
import { preflight } from '@etcdperf/core/load';
import { createRun } from '@etcdperf/core/runs';
import type { LoadPosition } from './acknowledged-keys.ts';
import { lookAtTarget, requireEmpty } from './check-target.ts';
import { LoadJournal } from './load-journal.ts';
import type { LoadDumpEnding, LoadResult } from './load-result.ts';
import type { LoadContext, LoadSettings, LoadTask } from './load-settings.ts';
import { openDumpSource } from './open-dump-source.ts';
import { putDump } from './put-dump.ts';
import { type ResumedLoad, requireSame } from './resume-load.ts';
import { selectPrefixes } from './select-prefixes.ts';

const NOWHERE: LoadPosition = { records: 0, keys: 0, bytes: 0 };

/**
 * Puts a dump into a cluster, or goes on with that. Whatever ends it after it began is told in the result: Ctrl-C
 * (`interrupted`), or what made going on senseless (`stopped`). Rejects with an InputError, before anything is touched,
 * where the dump is not whole, keys are there that may not be, or a load to be resumed was another one.
 */
export async function loadDump(
  task: LoadTask,
  settings: LoadSettings,
  context: LoadContext,
  resumed?: ResumedLoad,
): Promise<LoadResult> {
  const { signal, onStep, onFinding } = context;
  onStep(`verifying ${task.file === '-' ? 'standard input' : task.file}`);
  const source = await openDumpSource(task, signal);
  onStep('looking at the cluster');
  const { target } = settings;
  const { access, survey } = await resolveTarget(settings.access, target, signal);
  const prefixes = selectPrefixes(source.prefixes, task.prefixes);
  const look = await lookAtTarget(access, prefixes, signal);
  if (resumed === undefined && task.mode === 'empty') requireEmpty(look, prefixes);
  const identity = { task, sha256: source.sha256, clusterId: look.clusterId };
  if (resumed !== undefined) requireSame(resumed, identity);
  const expects = { expectedWrites: source.keys, expectedWriteBytes: source.bytes };
  const findings = await preflight({ access: settings.access, target, survey, signal, ...expects });
  for (const finding of findings) onFinding(finding);

  const from = resumed?.state.position ?? NOWHERE;
  const run = resumed?.takeUp() ?? (await createRun(settings));
  try {
    const journal = task.file === '-' ? undefined : new LoadJournal(run, from);
    if (resumed === undefined) journal?.begin(identity);
    const site = { settings, context, task, source, prefixes, access, survey, findings, run, resumed, from, journal };
    const result = await putDump(site);
    run.writeResult(result);
    run.finish({ status: statusOf(result.ending) });
    return result;
  } catch (error) {
    run.finish({ status: signal.aborted ? 'interrupted' : 'failed' });
    throw error;
  }
}

function statusOf({ kind }: LoadDumpEnding): 'done' | 'failed' | 'interrupted' {
  switch (kind) {
    case 'complete':
      return 'done';
    case 'stopped':
      return 'failed';
    case 'interrupted':
      return 'interrupted';
    default:
      return kind satisfies never;
  }
}
