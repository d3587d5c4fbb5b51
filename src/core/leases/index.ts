// Very many leases, each known by its number, 17 bytes for one:
// - `chooseLeaseIds` gives a run ids of its own, a `LeaseLedger` remembers what is known of each lease;
// - `GrantOperation` and `RevokeOperation` are what a load engine sends, the `LeaseKeeper` keeps alive what is granted;
// - `grantLeases`, `revokeLeases` and `listLeases` are for the moments before and after a load.
export { askTtl } from './ask-ttl.ts';
export { grantLeases, revokeLeases } from './bulk-leases.ts';
export { GrantOperation } from './grant-operation.ts';
export { chooseLeaseIds, type LeaseIds, writeLeaseId } from './lease-ids.ts';
export { type KeeperCounts, LeaseKeeper, type LeaseKeeperOptions } from './lease-keeper.ts';
export { LeaseLedger, LeaseState } from './lease-ledger.ts';
export { attachTemplate, keepaliveTemplate } from './lease-requests.ts';
export { listLeases } from './list-leases.ts';
export { RevokeOperation } from './revoke-operation.ts';
export { TtlReader } from './ttl-reader.ts';
