import { resolveTarget } from '@etcdperf/core/etcd';
import type { Contents } from '../../contents/contents.ts';
import type { KeyRecord } from '../../contents/key-record.ts';
import { mergeJoin } from '../compare/merge-join.ts';
import { openLive } from '../live/open-live.ts';
import type { LoadContext, LoadMode, LoadSettings, LoadTask } from './load-settings.ts';
import { openDumpSource } from './open-dump-source.ts';
import { selectorOf, selectPrefixes } from './select-prefixes.ts';

/** What a load would change: `--json` and all that the text shows. */
export interface LoadOutlook {
  readonly file: string;
  readonly endpoints: readonly string[];
  readonly mode: LoadMode;
  /** Of the cluster, at which it was looked at. */
  readonly revision: number;
  /** Keys of the dump that are not there, there with another value, and there as they are in the dump. */
  readonly missing: number;
  readonly different: number;
  readonly same: number;
  /** Keys below the same prefixes that the dump hasn't; no load touches them. */
  readonly others: number;
  /** Keys that would be put. */
  readonly puts: number;
  /** Leases of the keys that would be put: those that would be granted again, and those that were gone when dumped. */
  readonly leases: { readonly renewed: number; readonly gone: number };
  /** The load would be refused since there are keys already. */
  readonly isRefused: boolean;
}

/** Compares a dump with the cluster that it would go into, and touches nothing. Rejects as `loadDump` does. */
export async function planLoad(
  task: LoadTask,
  settings: LoadSettings,
  { signal, onStep }: LoadContext,
): Promise<LoadOutlook> {
  onStep(`verifying ${task.file === '-' ? 'standard input' : task.file}`);
  const source = await openDumpSource(task, signal);
  const { access } = await resolveTarget(settings.access, settings.target, signal);
  const prefixes = selectPrefixes(source.prefixes, task.prefixes);
  await using live = await openLive({
    access,
    prefixes,
    timeoutMs: settings.manner.timeoutMs,
    signal,
    onProgress: ({ keys, total }) => onStep(`reading ${keys} of ${total} keys of the cluster`),
  });
  await using dump = await source.open(signal);
  const counts = { missing: 0, different: 0, same: 0, others: 0, puts: 0 };
  const renewed = new Set<bigint>();
  const gone = new Set<bigint>();
  await mergeJoin(
    { batches: selected(dump, selectorOf(prefixes)) },
    { batches: live.batches() },
    {
      visit: (wanted, there) => {
        if (wanted === undefined) counts.others += 1;
        else {
          const state = there === undefined ? 'missing' : isSame(wanted, there) ? 'same' : 'different';
          counts[state] += 1;
          if (state !== 'missing' && task.mode === 'only-missing') return;
          counts.puts += 1;
          if (wanted.lease !== 0n && task.leases === 'renew')
            ((wanted.ttlSeconds ?? -1) < 0 ? gone : renewed).add(wanted.lease);
        }
      },
    },
  );
  return {
    file: source.name,
    endpoints: access.endpoints,
    mode: task.mode,
    revision: live.origin.revision ?? 0,
    ...counts,
    leases: { renewed: renewed.size, gone: gone.size },
    isRefused: task.mode === 'empty' && counts.others + counts.same + counts.different > 0,
  };
}

function isSame(wanted: KeyRecord, there: KeyRecord): boolean {
  return wanted.value !== undefined && there.value !== undefined && wanted.value.equals(there.value);
}

async function* selected(
  contents: Contents,
  isSelected: (key: Buffer) => boolean,
): AsyncGenerator<readonly KeyRecord[]> {
  for await (const records of contents.batches()) {
    const some = records.filter(({ key }) => isSelected(key));
    if (some.length > 0) yield some;
  }
}
