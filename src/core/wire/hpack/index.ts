export { type DecodedBlock, HpackError, HpackTable } from './hpack-decoder.ts';
export { RequestHeaders, type RequestIdentity, type RpcMethod } from './request-headers.ts';
export type { HeaderField } from './static-table.ts';
