import { type HeaderField, STATIC_TABLE } from './static-table.ts';

/** One remote procedure. Compared by identity: make each once. */
export interface RpcMethod {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** The server shall refuse or end the call when it knows no leader. */
  readonly requiresLeader?: boolean;
}

/** What is constant for all requests of a connection. */
export interface RequestIdentity {
  readonly scheme: 'http' | 'https';
  /** `host:port`. */
  readonly authority: string;
  /** etcd's auth token. */
  readonly token?: string | undefined;
}

export interface RequestBlock {
  readonly bytes: Buffer;
  /** The peer's table after it has read the block. */
  readonly after: RequestHeaders;
}

const LARGEST_TABLE = 4096;
const POST = 0x83;
const SCHEMES = { http: 0x86, https: 0x87 } as const;

/**
 * The header blocks of requests, and what they put into the peer's HPACK table. The first request of a kind inserts its
 * fields; from then on its block is a few constant bytes. Like the decoder's table this is immutable and remembers its
 * successors, so all connections with the same identity and history share their blocks.
 */
export class RequestHeaders {
  readonly #identity: RequestIdentity;
  readonly #capacity: number;
  /** Newest first, as the peer has them. */
  readonly #entries: readonly HeaderField[];
  /** Table size updates that the next block begins with. */
  readonly #prefix: Buffer;
  readonly #blocks = new Map<RpcMethod, RequestBlock>();

  private constructor(identity: RequestIdentity, capacity: number, entries: readonly HeaderField[], prefix: Buffer) {
    this.#identity = identity;
    this.#capacity = capacity;
    this.#entries = entries;
    this.#prefix = prefix;
  }

  /**
   * The start of a connection, or the start over after the peer changed its table.
   *
   * @param peerTableSize its SETTINGS_HEADER_TABLE_SIZE
   * @param isFresh nothing was sent yet on this connection and the size is the protocol's default
   */
  static create(identity: RequestIdentity, peerTableSize: number, isFresh: boolean): RequestHeaders {
    const capacity = Math.min(peerTableSize, LARGEST_TABLE);
    if (isFresh && capacity === LARGEST_TABLE) return new RequestHeaders(identity, capacity, [], Buffer.alloc(0));
    // To zero, which empties it, and back to what we use.
    const updates: Buffer[] = [Buffer.from([0x20])];
    if (capacity > 0) updates.push(integer(capacity, 5, 0x20));
    return new RequestHeaders(identity, capacity, [], Buffer.concat(updates));
  }

  /** With another token; everything is inserted anew. */
  withToken(token: string): RequestHeaders {
    return RequestHeaders.create({ ...this.#identity, token }, this.#capacity, false);
  }

  /** After the peer changed its table's size: everything is inserted anew. */
  resized(peerTableSize: number): RequestHeaders {
    return RequestHeaders.create(this.#identity, peerTableSize, false);
  }

  /** The header block for a call of `method`. */
  block(method: RpcMethod): RequestBlock {
    const known = this.#blocks.get(method);
    if (known !== undefined) return known;
    const made = this.#encode(method);
    this.#blocks.set(method, made);
    return made;
  }

  #encode(method: RpcMethod): RequestBlock {
    const { scheme, authority, token } = this.#identity;
    const fields: HeaderField[] = [
      { name: ':path', value: method.path },
      { name: ':authority', value: authority },
      { name: 'content-type', value: 'application/grpc' },
      { name: 'te', value: 'trailers' },
      ...(token === undefined ? [] : [{ name: 'token', value: token }]),
      ...(method.requiresLeader === true ? [{ name: 'hasleader', value: 'true' }] : []),
    ];
    const parts = [this.#prefix, Buffer.from([POST, SCHEMES[scheme]])];
    let entries = this.#entries;
    for (const field of fields) {
      const index = entries.findIndex((entry) => entry.name === field.name && entry.value === field.value);
      if (index >= 0) {
        parts.push(integer(STATIC_TABLE.length + 1 + index, 7, 0x80));
        continue;
      }
      // Never evict: indices of what we know would be lost. What does not fit is sent as it is.
      const isKept = tableSize([...entries, field]) <= this.#capacity;
      parts.push(literal(field, isKept));
      if (isKept) entries = [field, ...entries];
    }
    const isUnchanged = entries === this.#entries && this.#prefix.length === 0;
    const after = isUnchanged ? this : new RequestHeaders(this.#identity, this.#capacity, entries, Buffer.alloc(0));
    return { bytes: Buffer.concat(parts), after };
  }
}

function literal({ name, value }: HeaderField, isKept: boolean): Buffer {
  const nameIndex = STATIC_TABLE.findIndex((entry) => entry.name === name) + 1;
  const head = isKept ? integer(nameIndex, 6, 0x40) : integer(nameIndex, 4, 0x00);
  return Buffer.concat([head, ...(nameIndex === 0 ? [text(name)] : []), text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(bytes.length, 7, 0), bytes]);
}

/** RFC 7541 section 5.1: an integer with a prefix of some bits, below `pattern`. */
function integer(value: number, prefixBits: number, pattern: number): Buffer {
  const largest = 2 ** prefixBits - 1;
  if (value < largest) return Buffer.from([pattern | value]);
  const bytes = [pattern | largest];
  let rest = value - largest;
  while (rest >= 128) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

function tableSize(entries: readonly HeaderField[]): number {
  return entries.reduce((total, { name, value }) => total + name.length + value.length + 32, 0);
}
