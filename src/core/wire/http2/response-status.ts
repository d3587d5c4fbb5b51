import { GrpcStatus, grpcStatusOfHttp } from '../grpc-status.ts';
import type { DecodedBlock } from '../hpack/index.ts';
import type { StreamEnd } from './call-stream.ts';

/** How the block that ends a stream says that the call ended. */
export function endOfTrailers(block: DecodedBlock): StreamEnd & { kind: 'status' } {
  if (block.grpcStatus >= 0)
    return { kind: 'status', code: block.grpcStatus, message: decodeMessage(textOf(block, 'grpc-message')) };
  if (block.httpStatus >= 0 && block.httpStatus !== 200)
    return { kind: 'status', code: grpcStatusOfHttp(block.httpStatus), message: `HTTP status ${block.httpStatus}` };
  return { kind: 'status', code: GrpcStatus.unknown, message: 'the response has no grpc-status' };
}

/** What is wrong with the block that a response begins with, if anything is. */
export function problemOfHeaders(block: DecodedBlock): StreamEnd | undefined {
  if (block.httpStatus !== 200) return endOfTrailers(block);
  const contentType = textOf(block, 'content-type');
  if (contentType.startsWith('application/grpc')) return undefined;
  return { kind: 'reset', message: `the response is ${contentType || 'of no type'}, not gRPC` };
}

function textOf(block: DecodedBlock, name: string): string {
  return block.fields.find((field) => field.name === name)?.value ?? '';
}

/** grpc-message is percent-encoded UTF-8; what is not valid stays as it is. */
function decodeMessage(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
