import type { ClusterAccess } from '@etcdperf/core/etcd';
import type { Finding } from '@etcdperf/core/load';
import { loadDump } from '../services/load/load-dump.ts';
import type { LoadResult } from '../services/load/load-result.ts';
import type { LoadManner, LoadTask } from '../services/load/load-settings.ts';
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
  const { signal = new AbortController().signal, onStep = () => undefined } = options;
  const told: Finding[] = [];
  const task: LoadTask = {
    file,
    mode: options.mode ?? 'empty',
    leases: options.leases ?? 'renew',
    prefixes: options.prefixes ?? [],
    isUnverified: options.isUnverified ?? false,
  };
  const resumed = options.resume === undefined ? undefined : await findLoad(runsDir, options.resume, COMMAND);
  const settings = {
    command: COMMAND,
    version: 'test',
    inventory: undefined,
    config: {},
    runsDir,
    access,
    target: { kind: 'all' as const },
    manner: {
      connections: options.connections ?? 2,
      clients: options.clients ?? 8,
      ratePerSec: options.ratePerSec,
      batchKeys: options.batchKeys ?? 16,
      batchBytes: options.batchBytes ?? 1_000_000,
      timeoutMs: options.timeoutMs ?? 20_000,
      patienceMs: options.patienceMs ?? 60_000,
    },
    resumeWith: (run: string) => `resume ${run}`,
  };
  const context = { signal, onStep, onFinding: (finding: Finding) => void told.push(finding) };
  const result = await loadDump(resumed?.state.task ?? task, settings, context, resumed);
  return { ...result, told };
}
