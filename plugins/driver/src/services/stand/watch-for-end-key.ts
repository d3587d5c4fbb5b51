import type { ClusterAccess } from '@etcdperf/core/etcd';
import { connectControl } from '../control/connect-control.ts';
import { awaitEndKey, endKeyRefusal, saysEnd } from '../control/end-key.ts';

/** Looks for the end key until it is disposed of. */
export interface EndKeyWatch extends AsyncDisposable {
  /** Aborted when the end key says that runs are to end. */
  readonly told: AbortSignal;
}

/** Rejects with an InputError when the key says so already, with a WireError when nobody can be asked. */
export async function watchForEndKey(access: ClusterAccess, key: string, signal: AbortSignal): Promise<EndKeyWatch> {
  const reading = await connectControl(access, signal);
  const watching = await connectControl(access, signal).catch(async (error: unknown) => {
    await reading.close();
    throw error;
  });
  const close = () => Promise.all([reading.close(), watching.close()]);
  try {
    const { header, kvs } = await reading.range(key, { signal });
    if (saysEnd(kvs[0]?.value)) throw endKeyRefusal(key);
    const told = new AbortController();
    const over = new AbortController();
    const { revision } = header;
    const looking = awaitEndKey({ watching, reading, key, revision, onEnd: () => told.abort(), signal: over.signal });
    return {
      told: told.signal,
      async [Symbol.asyncDispose]() {
        over.abort();
        await looking;
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
