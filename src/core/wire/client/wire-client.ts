import type { WireConnection } from '../http2/index.ts';
import {
  type Bytes,
  type ClusterMember,
  type DeleteOptions,
  type DeleteResult,
  type HashKvResult,
  isReadOnly,
  type LeaseGrantResult,
  type LeaseKeepAliveResult,
  type LeasesResult,
  type LeaseTimeToLiveResult,
  type LockResult,
  type MemberStatus,
  type PutOptions,
  type PutResult,
  type RangeOptions,
  type RangeResult,
  type ResponseHeader,
  readDeleteRange,
  readHashKv,
  readHeaderOnly,
  readLease,
  readLeases,
  readLeaseTimeToLive,
  readLock,
  readMemberList,
  readPut,
  readRange,
  readStatus,
  readTxn,
  type Txn,
  type TxnResult,
  writeDeleteRange,
  writeHashKv,
  writeLeaseGrant,
  writeLeaseId,
  writeLeaseTimeToLive,
  writeLock,
  writePut,
  writeRange,
  writeTxn,
  writeUnlock,
} from '../messages/index.ts';
import type { ProtoReader, ProtoWriter } from '../protobuf/index.ts';
import { ClientCore } from './client-core.ts';
import type { ConnectionState } from './connector.ts';
import { Method } from './methods.ts';
import type { CallOptions } from './unary-calls.ts';
import type { Watcher, WatchHandlers, WatchTarget } from './watcher.ts';
import { resolveOptions, type WireOptions } from './wire-options.ts';

/**
 * A client of an etcd cluster on one connection, with promises. It moves among the endpoints and reconnects by itself:
 * watches resume, reads are sent again, and a write that may have happened is reported as `unknown` and never repeated.
 * Every call rejects with a WireError and with nothing else. Thousands in one process are fine: idle, each costs its
 * socket and little more.
 */
export class WireClient {
  readonly #core: ClientCore;

  private constructor(core: ClientCore) {
    this.#core = core;
  }

  /**
   * Connects to the first endpoint that can be reached, and authenticates. Rejects with a WireError that names all
   * endpoints when none can be, or with the signal's reason; InputError when an endpoint is no URL.
   */
  static async connect(
    options: WireOptions,
    signal?: AbortSignal,
    onState?: (state: ConnectionState) => void,
  ): Promise<WireClient> {
    signal?.throwIfAborted();
    const core = new ClientCore(resolveOptions(options), onState);
    await core.connectFirst(signal);
    return new WireClient(core);
  }

  /** The endpoint in use, or the last that was. */
  get endpoint(): string {
    return this.#core.endpoint;
  }

  /** The connection in use, for templates; undefined between two. It is another one after a reconnect. */
  get connection(): WireConnection | undefined {
    return this.#core.connection;
  }

  put(key: Bytes, value: Bytes, options: PutOptions & CallOptions = {}): Promise<PutResult> {
    return this.#call(Method.put, writePut, { ...options, key, value }, readPut, true, options);
  }

  range(key: Bytes, options: RangeOptions & CallOptions = {}): Promise<RangeResult> {
    return this.#call(Method.range, writeRange, { ...options, key }, readRange, false, options);
  }

  deleteRange(key: Bytes, options: DeleteOptions & CallOptions = {}): Promise<DeleteResult> {
    return this.#call(Method.deleteRange, writeDeleteRange, { ...options, key }, readDeleteRange, true, options);
  }

  /** Compares and operates at once; several reads in one round trip see one revision. */
  txn(txn: Txn, options?: CallOptions): Promise<TxnResult> {
    return this.#call(Method.txn, writeTxn, txn, readTxn, !isReadOnly(txn), options);
  }

  /** Forgets all revisions before this one. `physical`: answers when it is done on this member's disk. */
  compact(
    revision: number,
    options: CallOptions & { readonly physical?: boolean } = {},
  ): Promise<{ header: ResponseHeader }> {
    const write = (writer: ProtoWriter) => writer.number(1, revision).boolean(2, options.physical);
    return this.#call(Method.compact, write, undefined, readHeaderOnly, true, options);
  }

  /** @param id default: etcd chooses one */
  leaseGrant(ttlSeconds: number, id = 0n, options?: CallOptions): Promise<LeaseGrantResult> {
    return this.#call(Method.leaseGrant, writeLeaseGrant, { ttlSeconds, id }, readLease, true, options);
  }

  /** Ends the lease and deletes its keys. */
  leaseRevoke(id: bigint, options?: CallOptions): Promise<{ header: ResponseHeader }> {
    return this.#call(Method.leaseRevoke, writeLeaseId, id, readHeaderOnly, true, options);
  }

  /**
   * Keeps the lease alive once more; all leases share one stream. `ttlSeconds` of the result is 0 when the lease is
   * gone.
   */
  leaseKeepAlive(id: bigint, options: { readonly timeoutMs?: number | undefined } = {}): Promise<LeaseKeepAliveResult> {
    return this.#core.keepAlive(id, options.timeoutMs);
  }

  leaseTimeToLive(id: bigint, options: CallOptions & { readonly keys?: boolean } = {}): Promise<LeaseTimeToLiveResult> {
    const request = { id, keys: options.keys ?? false };
    return this.#call(Method.leaseTimeToLive, writeLeaseTimeToLive, request, readLeaseTimeToLive, false, options);
  }

  /** Every lease there is, as this member knows it. */
  leases(options?: CallOptions): Promise<LeasesResult> {
    return this.#call(Method.leaseLeases, writeNothing, undefined, readLeases, false, options);
  }

  /** etcd's own lock service: answers when the lock is held, until `unlock` or the end of the lease. */
  lock(name: string, lease: bigint, options?: CallOptions): Promise<LockResult> {
    return this.#call(Method.lock, writeLock, { name, lease }, readLock, true, options);
  }

  /** @param key what `lock` answered */
  unlock(key: Uint8Array, options?: CallOptions): Promise<{ header: ResponseHeader }> {
    return this.#call(Method.unlock, writeUnlock, key, readHeaderOnly, true, options);
  }

  /** Starts a watch. All watches of a client share one stream, and resume where they were after every break. */
  watch(target: WatchTarget, handlers: WatchHandlers): Watcher {
    return this.#core.watch(target, handlers);
  }

  /** @param options `linearizable`: as the cluster knows it now; else as this member last heard. From etcd 3.5 on. */
  memberList(options: CallOptions & { readonly linearizable?: boolean } = {}): Promise<readonly ClusterMember[]> {
    const write = (writer: ProtoWriter) => writer.boolean(1, options.linearizable);
    return this.#call(Method.memberList, write, undefined, readMemberList, false, options);
  }

  /** Of the member that the client is connected to. */
  status(options?: CallOptions): Promise<MemberStatus> {
    return this.#call(Method.status, writeNothing, undefined, readStatus, false, options);
  }

  /** The hash of the data of the member that the client is connected to, up to a revision that it has applied. */
  hashKv(revision: number, options?: CallOptions): Promise<HashKvResult> {
    return this.#call(Method.hashKv, writeHashKv, revision, readHashKv, false, options);
  }

  /** Gives back the disk space that the data of the member no longer needs; it answers nobody else meanwhile. */
  defragment(options?: CallOptions): Promise<{ header: ResponseHeader }> {
    return this.#call(Method.defragment, writeNothing, undefined, readHeaderOnly, true, options);
  }

  /** Hands leadership on to the member with this id; only the member that leads does so, all others refuse. */
  moveLeader(target: bigint, options?: CallOptions): Promise<{ header: ResponseHeader }> {
    const write = (writer: ProtoWriter) => writer.bigint(1, target);
    return this.#call(Method.moveLeader, write, undefined, readHeaderOnly, true, options);
  }

  /** Leaves this connection for the next endpoint; open calls on it go on, watches resume there. */
  moveOn(why = 'asked to move on'): void {
    this.#core.moveOn(why);
  }

  /** Ends everything: open calls reject, watches fall silent. */
  async close(): Promise<void> {
    this.#core.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#core.close();
  }

  #call<R, T>(
    method: (typeof Method)[keyof typeof Method],
    write: (writer: ProtoWriter, request: R) => void,
    request: R,
    read: (reader: ProtoReader) => T,
    isWrite: boolean,
    options: CallOptions | undefined,
  ): Promise<T> {
    const { writer } = this.#core;
    write(writer, request);
    return this.#core.call({ method, frame: writer.finish(), isWrite, read }, options);
  }
}

function writeNothing(): void {}
