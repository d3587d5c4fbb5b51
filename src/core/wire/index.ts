export type { ConnectionState } from './client/connector.ts';
export { type LeaseKeepAliveHandler, LeaseKeepAliveStream } from './client/lease-keepalive-stream.ts';
export { LiveEndpoints } from './client/live-endpoints.ts';
export { Method } from './client/methods.ts';
export { type SnapshotHandler, SnapshotStream } from './client/snapshot-stream.ts';
export type { CallOptions } from './client/unary-calls.ts';
export { WatchStream, type WatchStreamHandler } from './client/watch-stream.ts';
export type { Watcher, WatchHandlers, WatchTarget } from './client/watcher.ts';
export { WireClient } from './client/wire-client.ts';
export type { WireOptions, WireTls } from './client/wire-options.ts';
export { GrpcStatus } from './grpc-status.ts';
export type { RpcMethod } from './hpack/index.ts';
export {
  CallStream,
  type ConnectionListener,
  type DialTarget,
  RequestTemplate,
  type StreamEnd,
  TemplateCalls,
  type TemplateFiller,
  type TemplateOutcome,
  type TemplateOwner,
  WireConnection,
  type WireConnectionOptions,
} from './http2/index.ts';
export { WireLoop } from './loop/index.ts';
export type {
  Compare,
  HashKvResult,
  LeaseGrantResult,
  LeaseKeepAliveResult,
  LeasesResult,
  LeaseTimeToLiveResult,
  LockResult,
  Txn,
  TxnOperation,
  TxnResponse,
  TxnResult,
  WatchEvent,
} from './messages/index.ts';
export {
  type Bytes,
  type ClusterMember,
  type DeleteOptions,
  type DeleteResult,
  type KeyRange,
  type KeyValue,
  KvScan,
  type MemberStatus,
  type PutOptions,
  type PutResult,
  prefixEnd,
  type RangeOptions,
  type RangeResult,
  type ResponseHeader,
  writePut,
  writeRange,
  writeTxn,
} from './messages/index.ts';
export { bytesFieldSize, ProtoReader, ProtoWriter, writeBytesFieldHead } from './protobuf/index.ts';
export { classifyStatus, type FailedOutcome, WireError, type WireErrorReason } from './wire-error.ts';
