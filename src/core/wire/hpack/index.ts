export { type DecodedBlock, HpackError, HpackTable } from './hpack-decoder.ts';
export { RequestHeaders, type RequestIdentity, type RpcMethod } from './request-headers.ts';
