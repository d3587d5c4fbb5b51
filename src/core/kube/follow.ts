import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from './api-server.ts';
import { KubeError } from './kube-error.ts';
import type { KubeObject } from './kube-objects.ts';
import { linesOf } from './lines-of.ts';

/** Where a collection is, and what of it. */
export interface Collection {
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** `pods in namespace x`, for errors. */
  readonly what: string;
  /** Items are keyed by `namespace/name` instead of `name`. */
  readonly acrossNamespaces: boolean;
  readonly apiVersion: string;
  readonly kind: string;
}

interface ListPage<T> {
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
  readonly items: T[];
}

const PAGE = 500;
/** The API server ends each watch after this time: one that went silent is noticed then. */
const WATCH_SECONDS = 30;
const SILENCE_MS = (WATCH_SECONDS + 10) * 1000;
const PAUSE_MS = 500;

/** All objects of a collection, read page by page. Items of a list carry no kind of their own: it is added. */
export async function listAll<T extends KubeObject>(
  api: ApiServer,
  { path, query, what, apiVersion, kind }: Collection,
  {
    signal,
    patienceMs,
    pageSize = PAGE,
  }: { readonly signal?: AbortSignal | undefined; readonly patienceMs?: number; readonly pageSize?: number } = {},
): Promise<{ items: T[]; resourceVersion: string }> {
  for (;;) {
    const items: T[] = [];
    let next: string | undefined;
    try {
      do {
        const page: ListPage<T> = await api.json({
          method: 'GET',
          path,
          query: { ...query, limit: pageSize, continue: next },
          signal,
          ...(patienceMs === undefined ? {} : { patienceMs }),
          what: `list ${what}`,
        });
        for (const item of page.items) items.push({ ...item, apiVersion, kind });
        next = page.metadata?.continue || undefined;
        if (next === undefined) return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
      } while (next !== undefined);
    } catch (error) {
      // The pages' common snapshot was compacted away.
      if (!(error instanceof KubeError && error.status === 410 && next !== undefined)) throw error;
    }
  }
}

/** List and watch, see `Kube.follow`. */
export async function follow<T extends KubeObject>(
  api: ApiServer,
  collection: Collection,
  onChange: (items: ReadonlyMap<string, T>) => void,
  signal: AbortSignal,
): Promise<void> {
  const keyOf = ({ metadata }: KubeObject) =>
    collection.acrossNamespaces ? `${metadata?.namespace}/${metadata?.name}` : metadata!.name!;
  try {
    for (let isFirst = true; ; isFirst = false) {
      // Once it has been seen, the API server is waited for as long as the caller wants to follow.
      const { items, resourceVersion } = await listAll<T>(api, collection, {
        signal,
        ...(isFirst ? {} : { patienceMs: Number.POSITIVE_INFINITY }),
      });
      const state = new Map(items.map((item) => [keyOf(item), item]));
      onChange(state);
      let from: string | undefined = resourceVersion;
      while (from !== undefined) {
        from = await watchOnce<T>(api, collection, from, signal, (type, object) => {
          if (type === 'DELETED') state.delete(keyOf(object));
          else state.set(keyOf(object), object);
          onChange(state);
        });
      }
    }
  } catch (error) {
    if (!signal.aborted && !api.over.aborted) throw error;
  }
}

/** The version to go on from after this watch has ended; undefined where the server has forgotten it: list again. */
async function watchOnce<T extends KubeObject>(
  api: ApiServer,
  { path, query, what }: Collection,
  from: string,
  signal: AbortSignal,
  onEvent: (type: string, object: T) => void,
): Promise<string | undefined> {
  const watch = { watch: true, allowWatchBookmarks: true, timeoutSeconds: WATCH_SECONDS, resourceVersion: from };
  const response = await api
    .stream({
      method: 'GET',
      path,
      query: { ...query, ...watch },
      signal,
      patienceMs: Number.POSITIVE_INFINITY,
      what: `watch ${what}`,
    })
    .catch((error) => {
      if (isForgotten(error)) return undefined;
      throw error;
    });
  if (response === undefined) return undefined;
  const silence = setTimeout(() => response.destroy(), SILENCE_MS);
  const begin = Date.now();
  let version: string | undefined = from;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const line of linesOf(response)) {
      silence.refresh();
      const { type, object } = JSON.parse(line) as { type: string; object: T };
      if (type === 'ERROR') {
        version = undefined;
        break;
      }
      version = object.metadata?.resourceVersion ?? version;
      if (type === 'BOOKMARK') continue;
      try {
        onEvent(type, object);
      } catch (error) {
        failure = { error };
        break;
      }
    }
  } catch {
    // The connection broke, or a line was cut off: go on from what came before.
  } finally {
    clearTimeout(silence);
    response.destroy();
  }
  if (failure !== undefined) throw failure.error;
  // A server that ends each watch at once is not asked in a tight loop.
  if (Date.now() - begin < PAUSE_MS) await sleep(PAUSE_MS, undefined, { signal });
  return version;
}

function isForgotten(error: unknown): boolean {
  return error instanceof KubeError && error.status === 410;
}
