import type { RpcMethod } from '../hpack/index.ts';

/** etcd's procedures that this project calls. */
export const Method = {
  put: { path: '/etcdserverpb.KV/Put' },
  range: { path: '/etcdserverpb.KV/Range' },
  deleteRange: { path: '/etcdserverpb.KV/DeleteRange' },
  txn: { path: '/etcdserverpb.KV/Txn' },
  compact: { path: '/etcdserverpb.KV/Compact' },
  leaseGrant: { path: '/etcdserverpb.Lease/LeaseGrant' },
  leaseRevoke: { path: '/etcdserverpb.Lease/LeaseRevoke' },
  leaseLeases: { path: '/etcdserverpb.Lease/LeaseLeases' },
  leaseTimeToLive: { path: '/etcdserverpb.Lease/LeaseTimeToLive' },
  // A stream on a member that lost the others would just be silent.
  leaseKeepAlive: { path: '/etcdserverpb.Lease/LeaseKeepAlive', requiresLeader: true },
  watch: { path: '/etcdserverpb.Watch/Watch', requiresLeader: true },
  lock: { path: '/v3lockpb.Lock/Lock' },
  unlock: { path: '/v3lockpb.Lock/Unlock' },
  memberList: { path: '/etcdserverpb.Cluster/MemberList' },
  defragment: { path: '/etcdserverpb.Maintenance/Defragment' },
  status: { path: '/etcdserverpb.Maintenance/Status' },
  hashKv: { path: '/etcdserverpb.Maintenance/HashKV' },
  snapshot: { path: '/etcdserverpb.Maintenance/Snapshot' },
  moveLeader: { path: '/etcdserverpb.Maintenance/MoveLeader' },
  authenticate: { path: '/etcdserverpb.Auth/Authenticate' },
} as const satisfies Record<string, RpcMethod>;
