import { readSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { OperationError } from '@etcdperf/core/errors';

/** What bbolt's files begin with, after the first page's header of 16 bytes. */
const MAGIC = 0xed0cdaed;
const HEADER = 16;
const META = 64;
/** bbolt takes the page size of the machine that made the file. */
const PAGE_SIZES = [4096, 8192, 16_384, 32_768, 65_536];
const BRANCH = 1;
const LEAF = 2;
/** Of branch and leaf elements alike. */
const ELEMENT = 16;
const DEEPEST = 64;

/** Whether a file's first bytes (32 at least) are those of a bbolt database, which etcd keeps its data in. */
export function looksLikeBolt(head: Buffer): boolean {
  return head.length >= HEADER + 4 && head.readUInt32LE(HEADER) === MAGIC;
}

/** A bucket: the page of its root, or where it is small the page itself, within its parent. */
type Bucket = { readonly root: number } | { readonly inline: Page };

interface Page {
  readonly bytes: Buffer;
  readonly isLeaf: boolean;
  readonly count: number;
}

/**
 * A bbolt database that nobody writes to, as far as it takes to tell what etcd's snapshot holds: sorted keys in buckets,
 * each a tree of pages (bbolt's page.go). The file may be anybody's: what can't be right throws OperationError.
 */
export class BoltFile {
  readonly #descriptor: number;
  readonly #path: string;
  readonly #pageSize: number;
  readonly #pages: number;
  readonly #root: number;

  /** @param size of the database, in bytes, without what may follow it */
  constructor(descriptor: number, path: string, size: number) {
    this.#descriptor = descriptor;
    this.#path = path;
    const meta = this.#newestMeta(size);
    this.#pageSize = meta.readUInt32LE(8);
    this.#root = Number(meta.readBigUInt64LE(16));
    this.#pages = Number(meta.readBigUInt64LE(40));
    if (this.#pages * this.#pageSize > size)
      throw this.#damaged(`it is cut short: ${size} bytes of ${this.#pages * this.#pageSize}`);
  }

  /** The bucket of that name; undefined where there is none. */
  bucket(name: string): Bucket | undefined {
    let page = this.#page(this.#root);
    for (let depth = 0; !page.isLeaf; depth += 1) {
      if (depth === DEEPEST) throw this.#damaged('its pages form no tree');
      page = this.#page(elementChild(page, lastUpTo(page, name)));
    }
    const index = Array.from({ length: page.count }, (_, at) => at).find(
      (at) => elementKey(page, at).toString() === name,
    );
    if (index === undefined) return undefined;
    const value = elementValue(page, index);
    if (value.length < HEADER) throw this.#damaged('a bucket without a root');
    const root = Number(value.readBigUInt64LE(0));
    return root === 0 ? { inline: this.#pageIn(value.subarray(HEADER)) } : { root };
  }

  /** The last key; undefined in an empty bucket. */
  lastKey(bucket: Bucket): Buffer | undefined {
    let page = this.#rootOf(bucket);
    for (let depth = 0; !page.isLeaf; depth += 1) {
      if (depth === DEEPEST || page.count === 0) throw this.#damaged('its pages form no tree');
      page = this.#page(elementChild(page, page.count - 1));
    }
    return page.count === 0 ? undefined : elementKey(page, page.count - 1);
  }

  /** All of a small bucket, by its keys. */
  entries(bucket: Bucket): Map<string, Buffer> {
    const page = this.#rootOf(bucket);
    if (!page.isLeaf) throw this.#damaged('a bucket of settings that is larger than a page');
    return new Map(
      Array.from({ length: page.count }, (_, at) => [elementKey(page, at).toString('latin1'), elementValue(page, at)]),
    );
  }

  /** How many keys a bucket has. Reads all branch pages and the heads of all others; pauses for others now and then. */
  async count(bucket: Bucket): Promise<number> {
    let keys = 0;
    let seen = 0;
    const pages = [this.#rootOf(bucket)];
    for (let page = pages.pop(); page !== undefined; page = pages.pop()) {
      if (page.isLeaf) keys += page.count;
      for (let at = 0; !page.isLeaf && at < page.count; at += 1) {
        seen += 1;
        if (seen > this.#pages) throw this.#damaged('its pages form no tree');
        const child = elementChild(page, at);
        const head = this.#head(child);
        if (head.isLeaf) keys += head.count;
        else pages.push(this.#page(child));
      }
      await breathe();
    }
    return keys;
  }

  #rootOf(bucket: Bucket): Page {
    return 'inline' in bucket ? bucket.inline : this.#page(bucket.root);
  }

  #head(id: number): Omit<Page, 'bytes'> & { readonly overflow: number } {
    if (!(id >= 2 && id < this.#pages)) throw this.#damaged(`a page ${id} of ${this.#pages}`);
    const head = this.#read(id * this.#pageSize, HEADER);
    const flags = head.readUInt16LE(8);
    if (flags !== BRANCH && flags !== LEAF) throw this.#damaged(`page ${id} is of no known kind`);
    return { isLeaf: flags === LEAF, count: head.readUInt16LE(10), overflow: head.readUInt32LE(12) };
  }

  #page(id: number): Page {
    const { overflow } = this.#head(id);
    if (id + overflow >= this.#pages) throw this.#damaged(`page ${id} goes beyond the end`);
    return this.#pageIn(this.#read(id * this.#pageSize, (overflow + 1) * this.#pageSize));
  }

  /** Checks that all elements lie within the page. */
  #pageIn(bytes: Buffer): Page {
    if (bytes.length < HEADER) throw this.#damaged('a page that is too short');
    const page = { bytes, isLeaf: (bytes.readUInt16LE(8) & LEAF) !== 0, count: bytes.readUInt16LE(10) };
    if (HEADER + page.count * ELEMENT > bytes.length) throw this.#damaged('a page with too many elements');
    for (let at = 0; at < page.count; at += 1) {
      const { end } = span(page, at);
      if (end > bytes.length) throw this.#damaged('an element beyond its page');
    }
    return page;
  }

  /** Two are kept, and written in turns: the one of the later transaction counts. */
  #newestMeta(size: number): Buffer {
    let newest: Buffer | undefined;
    for (const at of [0, ...PAGE_SIZES]) {
      if (at + HEADER + META > size) break;
      const meta = this.#read(at + HEADER, META);
      const isWhole =
        meta.readUInt32LE(0) === MAGIC &&
        PAGE_SIZES.includes(meta.readUInt32LE(8)) &&
        meta.readBigUInt64LE(56) === fnv1a(meta.subarray(0, 56));
      if (!isWhole) continue;
      if (newest === undefined || meta.readBigUInt64LE(48) > newest.readBigUInt64LE(48)) newest = meta;
    }
    if (newest === undefined) throw this.#damaged('its first pages are damaged');
    return newest;
  }

  #read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(this.#descriptor, bytes, 0, length, position) !== length) throw this.#damaged('it is cut short');
    return bytes;
  }

  #damaged(why: string): OperationError {
    return new OperationError(`the database is damaged: ${why}`, { where: this.#path });
  }
}

/** Where an element's key and value lie: offsets are counted from the element itself. */
function span(page: Page, index: number): { readonly key: number; readonly value: number; readonly end: number } {
  const element = HEADER + index * ELEMENT;
  const [position, keySize, valueSize] = page.isLeaf
    ? [
        page.bytes.readUInt32LE(element + 4),
        page.bytes.readUInt32LE(element + 8),
        page.bytes.readUInt32LE(element + 12),
      ]
    : [page.bytes.readUInt32LE(element), page.bytes.readUInt32LE(element + 4), 0];
  const key = element + position;
  return { key, value: key + keySize, end: key + keySize + valueSize };
}

function elementKey(page: Page, index: number): Buffer {
  const { key, value } = span(page, index);
  return page.bytes.subarray(key, value);
}

function elementValue(page: Page, index: number): Buffer {
  const { value, end } = span(page, index);
  return page.bytes.subarray(value, end);
}

function elementChild(page: Page, index: number): number {
  return Number(page.bytes.readBigUInt64LE(HEADER + index * ELEMENT + 8));
}

/** The branch in which a key is: the last one that begins no later. */
function lastUpTo(page: Page, key: string): number {
  const wanted = Buffer.from(key);
  let found = 0;
  for (let at = 1; at < page.count; at += 1) if (elementKey(page, at).compare(wanted) <= 0) found = at;
  return found;
}

function fnv1a(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
