export { bytesFieldSize, writeBytesFieldHead } from './bytes-field.ts';
export { ProtoError, ProtoReader } from './proto-reader.ts';
export { ProtoWriter } from './proto-writer.ts';
