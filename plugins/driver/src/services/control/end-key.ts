import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@etcdperf/core/errors';
import { type WireClient, WireError } from '@etcdperf/core/wire';

export interface EndKeyOptions {
  /** Carries the watch, and nothing else: it must not keep the reads waiting. */
  readonly watching: WireClient;
  readonly reading: WireClient;
  readonly key: string;
  /** At which the key was read: what comes later is looked for. */
  readonly revision: number;
  readonly onEnd: () => void;
  /** Ends the looking. */
  readonly signal: AbortSignal;
  /** How often the key is read, whatever the watch says. Default 5000. */
  readonly everyMs?: number | undefined;
}

/** Whether it says that runs are to end. */
export function saysEnd(value: Buffer | undefined): boolean {
  return value?.toString('utf8').trim().toLowerCase() === 'true';
}

/** Why no run begins. */
export function endKeyRefusal(key: string): InputError {
  return new InputError(`the end key ${key} says that runs are to end`, {
    where: '--test-end-key',
    hint: 'is a test being stopped? Once all of its drivers have ended: etcdperf driver:stop --clear',
  });
}

/**
 * Looks for the end of the run until it is told or `signal` is aborted: by a watch, and by a read every few seconds, since a
 * watch on an overloaded cluster can be late by minutes. Never rejects: what fails is tried again.
 */
export async function awaitEndKey(options: EndKeyOptions): Promise<void> {
  const { watching, reading, key, revision, everyMs = 5000 } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const watcher = watching.watch(
    { key, startRevision: revision + 1 },
    {
      onEvents: (events) => {
        if (events.some(({ type, kv }) => type === 'put' && saysEnd(kv.value))) over.abort();
      },
    },
  );
  try {
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted && (await readsEnd(reading, key, signal))) over.abort();
    }
  } finally {
    watcher.close();
  }
  if (over.signal.aborted) options.onEnd();
}

async function readsEnd(client: WireClient, key: string, signal: AbortSignal): Promise<boolean> {
  try {
    return saysEnd((await client.range(key, { signal })).kvs[0]?.value);
  } catch (error) {
    // A member that is cut off, or hangs, keeps its connections.
    if (error instanceof WireError && error.reason === 'deadline') client.moveOn('no answer about the end key');
    return false;
  }
}
