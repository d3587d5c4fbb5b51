/** bbolt's pages are the machine's; etcd leaves a tenth of each free for later. */
const PAGE_BYTES = 4096;
const FILLED_BYTES = PAGE_BYTES * 0.9;
const PAGE_HEADER = 16;
/** A page holds two revisions at least, and is as many pages long as these need. */
const LEAST_PER_PAGE = 2;
/** Beside key and value: bbolt's entry, etcd's revision as its key, and create and mod revision and the like in its value. */
const BYTES_PER_WRITE = 16 + 17 + 14;
/** Pages that lead to pages. */
const BRANCHES = 1.01;

/**
 * About how many bytes the database of a member grows by writes one after the other, without compaction.
 *
 * @param bytes of all their keys and values
 */
export function databaseGrowth(writes: number, bytes: number): number {
  if (writes === 0) return bytes;
  const entry = BYTES_PER_WRITE + bytes / writes;
  const perPage = Math.max(LEAST_PER_PAGE, Math.floor((FILLED_BYTES - PAGE_HEADER) / entry));
  const pages = Math.ceil((PAGE_HEADER + perPage * entry) / PAGE_BYTES);
  return (writes / perPage) * pages * PAGE_BYTES * BRANCHES;
}
