export { readToken, writeAuthenticate } from './authenticate.ts';
export { type ClusterMember, type MemberStatus, readMemberList, readStatus } from './cluster.ts';
export { type HashKvResult, readHashKv, writeHashKv } from './hash-kv.ts';
export {
  type Bytes,
  type DeleteOptions,
  type DeleteResult,
  endOfRange,
  type KeyRange,
  type KeyValue,
  type PutOptions,
  type PutResult,
  prefixEnd,
  type RangeOptions,
  type RangeResult,
  type ResponseHeader,
  readDeleteRange,
  readPut,
  readRange,
  writeDeleteRange,
  writePut,
  writeRange,
} from './kv.ts';
export {
  type LeaseGrantResult,
  type LeaseKeepAliveResult,
  type LeasesResult,
  type LeaseTimeToLiveResult,
  readHeaderOnly,
  readLease,
  readLeases,
  readLeaseTimeToLive,
  writeLeaseGrant,
  writeLeaseId,
  writeLeaseTimeToLive,
} from './lease.ts';
export { type LockResult, readLock, writeLock, writeUnlock } from './lock.ts';
export { KvScan } from './scan-kv.ts';
export { scanLease } from './scan-lease.ts';
export { scanWatch, type WatchSink } from './scan-watch.ts';
export {
  type Compare,
  isReadOnly,
  readTxn,
  type Txn,
  type TxnOperation,
  type TxnResponse,
  type TxnResult,
  writeTxn,
} from './txn.ts';
export {
  readWatch,
  type WatchCreate,
  type WatchEvent,
  type WatchResponse,
  writeWatchCancel,
  writeWatchCreate,
} from './watch.ts';
