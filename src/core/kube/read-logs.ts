import { setTimeout as sleep } from 'node:timers/promises';
import { abortReason } from '../errors/index.ts';
import type { ApiServer } from './api-server.ts';
import type { LogOptions } from './kube.ts';
import { linesOf } from './lines-of.ts';

const PAUSE_MS = 250;

/**
 * Lines of a container's log, see `Kube.logs`. A follower goes on after a connection that broke, from the line that came
 * last.
 */
export async function* readLogs(
  api: ApiServer,
  { path, where }: { readonly path: string; readonly where: string },
  { container, sinceSeconds, sinceTime, tail, follow, previous, timestamps, signal }: LogOptions,
): AsyncGenerator<string, void> {
  const isStamped = timestamps === true || follow === true;
  const query = { container, follow, previous, timestamps: isStamped ? true : undefined };
  let since: Record<string, string | number | undefined> = {
    tailLines: tail,
    sinceSeconds,
    sinceTime: sinceTime?.toISOString(),
  };
  let last: string | undefined;
  for (;;) {
    try {
      const response = await api.stream({
        method: 'GET',
        path: `${path}/log`,
        query: { ...query, ...since },
        signal,
        what: `read the log of ${where}`,
      });
      const resumedAfter = last === undefined ? undefined : instantOf(last);
      try {
        for await (const line of linesOf(response)) {
          if (!isStamped) {
            yield line;
            continue;
          }
          const space = line.indexOf(' ');
          const stamp = space < 0 ? line : line.slice(0, space);
          if (resumedAfter !== undefined && instantOf(stamp) <= resumedAfter) continue;
          last = stamp;
          yield timestamps === true ? line : space < 0 ? '' : line.slice(space + 1);
        }
        return;
      } catch (error) {
        if (signal?.aborted) return;
        if (api.over.aborted) throw abortReason(api.over);
        if (follow !== true) throw api.unreachable(error);
      } finally {
        response.destroy();
      }
    } catch (error) {
      if (signal?.aborted) return;
      throw error;
    }
    // Asked for by whole seconds; what came already is left out above.
    if (last !== undefined) since = { sinceTime: new Date(Date.parse(last)).toISOString() };
    await sleep(PAUSE_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }
}

/** An RFC 3339 time in nanoseconds since 1970; 0 for what is none. */
function instantOf(stamp: string): bigint {
  const [, whole = '', fraction = '', zone = ''] = /^(.*?:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(stamp) ?? [];
  const ms = Date.parse(whole + zone);
  return Number.isNaN(ms) ? 0n : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9));
}
