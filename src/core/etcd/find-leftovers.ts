import { daemonDir, listDaemons } from '../daemon/index.ts';
import type { MemberSite } from './inspect-members.ts';
import { parseRecord } from './member-record.ts';

/** A daemon of a cluster that its plan doesn't have (any more). */
export interface Leftover {
  readonly member: string;
  readonly dataDir: string;
}

/** Looks for daemons whose name begins with `prefix` and isn't known: members that the inventory has dropped. */
export async function findLeftovers(
  site: MemberSite,
  prefix: string,
  known: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Leftover[]> {
  const daemons = await listDaemons(site.executor, site.workDir, { signal });
  const names = [...daemons.keys()].filter((name) => name.startsWith(prefix) && !known.has(name));
  return Promise.all(
    names.map(async (name) => {
      const folder = daemonDir(site.workDir, name);
      const { stdout } = await site.executor.script('head -n 1 "$1" 2>/dev/null', [`${folder}/config`], { signal });
      // Without a record nothing is known of its data: its folder goes alone.
      return { member: name, dataDir: parseRecord(stdout.trim())?.dataDir ?? folder };
    }),
  );
}
