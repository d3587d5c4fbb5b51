import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyRecord } from '../../contents/key-record.ts';
import { contentsOf, recordOf } from '../../testing/contents-of.ts';
import { keyChurn } from './key-churn.ts';

const signal = new AbortController().signal;

/** A key-value store as etcd is one, of whose keys only revisions and versions are of interest. */
class Store {
  revision = 1;
  readonly #keys = new Map<string, KeyRecord>();

  put(key: string): void {
    const was = this.#keys.get(key);
    this.revision += 1;
    const { revision } = this;
    this.#keys.set(
      key,
      recordOf(key, '', {
        createRevision: was?.createRevision ?? revision,
        modRevision: revision,
        version: (was?.version ?? 0) + 1,
      }),
    );
  }

  delete(key: string): void {
    if (this.#keys.delete(key)) this.revision += 1;
  }

  contents() {
    const records = [...this.#keys.values()].sort((one, other) => one.key.compare(other.key));
    const contents = contentsOf(records);
    return { ...contents, origin: { ...contents.origin, revision: this.revision } };
  }
}

test('keys are ranked by what was written to them', async () => {
  const store = new Store();
  for (const key of ['busy', 'gone', 'idle', 'again']) store.put(key);
  const before = store.contents();
  for (let index = 0; index < 40; index += 1) store.put('busy');
  store.delete('gone');
  store.delete('again');
  store.put('again');
  store.put('again');
  store.put('new');
  expect(await keyChurn(before, store.contents(), { seconds: 10, top: 3, signal })).toEqual({
    seconds: 10,
    fromRevision: 5,
    toRevision: 50,
    revisionsPerSec: 4.5,
    created: 1,
    changed: 1,
    deleted: 1,
    recreated: 1,
    writes: 45,
    writesPerSec: 4.5,
    keys: [
      { key: 'busy', fate: 'changed', writes: 40, writesPerSec: 4 },
      { key: 'again', fate: 're-created', writes: 3, writesPerSec: 0.3 },
      { key: 'gone', fate: 'deleted', writes: 1, writesPerSec: 0.1 },
    ],
  });
});

test('of any writes, those of keys that were deleted once at most are all seen', async () => {
  const write = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), kind: fc.constantFrom('put', 'put', 'delete') });
  await fc.assert(
    fc.asyncProperty(fc.array(write), fc.array(write), async (first, second) => {
      const store = new Store();
      const apply = (writes: typeof first) => {
        for (const { key, kind } of writes) kind === 'put' ? store.put(key) : store.delete(key);
      };
      apply(first);
      const before = store.contents();
      apply(second);
      const churn = await keyChurn(before, store.contents(), { seconds: 1, top: 9, signal });
      const revisions = churn.toRevision - churn.fromRevision;
      expect(churn.writes).toBeLessThanOrEqual(revisions);
      if (second.every(({ kind }) => kind === 'put')) expect(churn.writes).toBe(revisions);
      expect(churn.keys.map(({ writes }) => writes)).toEqual(
        churn.keys.map(({ writes }) => writes).toSorted((one, other) => other - one),
      );
    }),
  );
});
