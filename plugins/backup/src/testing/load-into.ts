import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { Finding } from '@etcdperf/core/load';
import { loadDump } from '../services/load/load-dump.ts';
import type { LoadResult } from '../services/load/load-result.ts';
import type { LoadContext, LoadManner, LoadSettings, LoadTask } from '../services/load/load-settings.ts';
import { type LoadOutlook, planLoad } from '../services/load/plan-load.ts';
import { findLoad } from '../services/load/resume-load.ts';

export interface LoadIntoOptions extends Partial<Omit<LoadTask, 'file'>>, Partial<LoadManner> {
  readonly signal?: AbortSignal;
  readonly onStep?: (text: string) => void;
  /** What the run is to be called that is taken up. */
  readonly resume?: string;
}

const COMMAND = 'backup:load';

/** Loads a dump as the command would, in small transactions. */
export async function loadInto(
  access: ClusterAccess,
  runsDir: string,
  file: string,
  options: LoadIntoOptions = {},
): Promise<LoadResult & { readonly told: readonly Finding[] }> {
  const told: Finding[] = [];
  const resumed = options.resume === undefined ? undefined : await findLoad(runsDir, options.resume, COMMAND);
  const task = resumed?.state.task ?? taskOf(file, options);
  const context = contextOf(options, (finding) => void told.push(finding));
  const result = await loadDump(task, settingsOf(access, runsDir, options), context, resumed);
  return { ...result, told };
}

/** What the same load would change. */
export function outlookOf(
  access: ClusterAccess,
  runsDir: string,
  file: string,
  options: LoadIntoOptions = {},
): Promise<LoadOutlook> {
  const context = contextOf(options, () => undefined);
  return planLoad(taskOf(file, options), settingsOf(access, runsDir, options), context);
}

function taskOf(file: string, options: LoadIntoOptions): LoadTask {
  return {
    file,
    mode: options.mode ?? 'empty',
    leases: options.leases ?? 'renew',
    prefixes: options.prefixes ?? [],
    isUnverified: options.isUnverified ?? false,
  };
}

function settingsOf(access: ClusterAccess, runsDir: string, options: LoadIntoOptions): LoadSettings {
  return {
    command: COMMAND,
    version: 'test',
    inventory: undefined,
    config: {},
    runsDir,
    access,
    target: { kind: 'all' },
    manner: {
      connections: options.connections ?? 2,
      clients: options.clients ?? 8,
      ratePerSec: options.ratePerSec,
      batchKeys: options.batchKeys ?? 16,
      batchBytes: options.batchBytes ?? 1_000_000,
      timeoutMs: options.timeoutMs ?? 20_000,
      patienceMs: options.patienceMs ?? 60_000,
    },
    resumeWith: (run) => `resume ${run}`,
  };
}

function contextOf({ signal, onStep }: LoadIntoOptions, onFinding: LoadContext['onFinding']): LoadContext {
  return { signal: signal ?? new AbortController().signal, onStep: onStep ?? (() => undefined), onFinding };
}
