import { type DumpColumn, type DumpLayout, dumpLayout } from './dump-layout.ts';
import { layoutOf } from './layout-of.ts';

/** What a file is, by the beginning of its content. */
export type RecognisedContent =
  | { readonly kind: 'dump'; readonly layout: DumpLayout }
  | { readonly kind: 'snapshot' }
  /** `looksLike`: what it seems to be, for a message. */
  | { readonly kind: 'foreign'; readonly looksLike: string };

/** `head`: some kilobytes of the uncompressed content, or all of it. */
export function recogniseContent(head: Buffer): RecognisedContent {
  if (isBoltDatabase(head)) return { kind: 'snapshot' };
  const layout = head[0] === 0x7b ? layoutOfObject(head) : layoutOfHeader(head);
  return layout === undefined ? { kind: 'foreign', looksLike: looksLike(head) } : { kind: 'dump', layout };
}

/** etcd's database is a bbolt file: behind the header of its first page, of 16 bytes, is a magic number. */
function isBoltDatabase(head: Buffer): boolean {
  return head.length >= 20 && head.readUInt32LE(16) === 0xed0cdaed;
}

function layoutOfHeader(head: Buffer): DumpLayout | undefined {
  const end = head.indexOf('\n');
  if (end < 0) return undefined;
  const line = head.toString('latin1', 0, end);
  return layoutOf((line.endsWith('\r') ? line.slice(0, -1) : line).split(','), 'csv');
}

/** Fields that a key may be without. */
const OPTIONAL: readonly DumpColumn[] = ['lease', 'ttl_left', 'api_version', 'kind'];

function layoutOfObject(head: Buffer): DumpLayout | undefined {
  const end = head.indexOf('\n');
  const names = end < 0 ? firstNameOf(head) : namesOf(head.toString('utf8', 0, end));
  const layout = names === undefined ? undefined : layoutOf(names, 'jsonl');
  if (layout === undefined) return undefined;
  return { ...layout, columns: [...new Set([...layout.columns, ...OPTIONAL])] };
}

function namesOf(line: string): string[] | undefined {
  try {
    return Object.keys(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** A first line that is longer than what is known of it has a value, and all that is written by default. */
function firstNameOf(head: Buffer): string[] | undefined {
  const [, name] = /^\{"(key(?:_base64|_hex)?|value(?:_base64|_hex)?)":/.exec(head.toString('latin1', 0, 32)) ?? [];
  if (name === undefined) return undefined;
  const others = dumpLayout({ format: 'jsonl' }).columns.filter((column) => !name.startsWith(column));
  return [name, ...others];
}

function looksLike(head: Buffer): string {
  if (head.length === 0) return 'it is empty';
  if (head.readUIntBE(0, Math.min(3, head.length)) === 0xefbbbf)
    return 'it begins with a byte order mark, as files do that a spreadsheet program has saved';
  if (head[0] === 0x5b) return 'it looks like a JSON array';
  if (head[0] === 0x7b) return 'it looks like JSON, though not of a dump';
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) return 'it looks like a zip archive';
  if (head.subarray(257, 262).toString('latin1') === 'ustar') return 'it looks like a tar archive';
  if (!isText(head)) return 'it looks like binary data';
  const [line = ''] = head.toString('latin1').split(/\r?\n/, 1);
  return /^["\w .-]+(,["\w .-]*)+$/.test(line)
    ? 'it looks like CSV, though its header is not that of a dump'
    : 'it looks like text';
}

function isText(head: Buffer): boolean {
  return head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
