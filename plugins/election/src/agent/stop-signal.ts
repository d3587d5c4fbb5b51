import { setMaxListeners } from 'node:events';
import type { WireClient } from '@etcdperf/core/wire';
import type { StopReason } from '../protocol/index.ts';

/** What tells a process to end: SIGTERM or SIGINT, its time, or the stop key. */
export class StopSignal {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    // Every agent may listen to it: that is no leak.
    setMaxListeners(0, this.#controller.signal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(reason: StopReason): void {
    clearTimeout(this.#timer);
    this.#controller.abort(reason);
  }

  onSignals(): void {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => this.stop('signal'));
  }

  after(durationMs: number): void {
    this.#timer = setTimeout(() => this.stop('duration'), durationMs);
  }

  /** A stop key that stands already is an earlier experiment's: only one written after this process began counts. */
  async onStopKey(client: WireClient, key: string): Promise<void> {
    const { header } = await client.range(key, { countOnly: true });
    this.#watchKey(client, key, header.revision + 1);
  }

  #watchKey(client: WireClient, key: string, startRevision: number): void {
    const watcher = client.watch(
      { key, startRevision },
      {
        onEvents: (events) => {
          if (events.some(({ type }) => type === 'put')) this.stop('stop-key');
        },
        // The key may have been written in what was compacted away: a key that stands now was.
        onGap: ({ toRevision }) => {
          watcher.close();
          void client.range(key, {}).then(
            ({ kvs, header }) =>
              kvs.length > 0 ? this.stop('stop-key') : this.#watchKey(client, key, header.revision + 1),
            () => this.#watchKey(client, key, toRevision + 1),
          );
        },
        onCanceled: () => undefined,
      },
    );
    this.signal.addEventListener('abort', () => watcher.close(), { once: true });
  }
}
