export { ProtoError, ProtoReader } from './proto-reader.ts';
export { ProtoWriter, varintLength } from './proto-writer.ts';
