import type { Contents, ContentsOrigin } from '../../contents/contents.ts';
import type { KeyRecord } from '../../contents/key-record.ts';
import { recordsOf } from '../../contents/records-of.ts';
import { type LivePages, openLivePages } from './live-pages.ts';
import type { LiveRequest } from './live-request.ts';

export type { LiveRequest } from './live-request.ts';

/** What a cluster holds at one revision, key by key. Rejects as `openLivePages` does. */
export async function openLive(request: LiveRequest): Promise<Contents> {
  return new LiveContents(await openLivePages(request), request.keysOnly ?? false);
}

class LiveContents implements Contents {
  readonly #live: LivePages;
  readonly #keysOnly: boolean;

  constructor(live: LivePages, keysOnly: boolean) {
    this.#live = live;
    this.#keysOnly = keysOnly;
  }

  get origin(): ContentsOrigin {
    return this.#live.origin;
  }

  async *batches(): AsyncIterable<readonly KeyRecord[]> {
    const { ttls } = this.#live;
    for await (const page of this.#live.pages()) yield recordsOf(page, { keysOnly: this.#keysOnly, ttls });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#live[Symbol.asyncDispose]();
  }
}
