import { ProtoReader } from '@etcdperf/core/wire';

/** Where a bytes field lies: `frame[start, end)`. */
export interface FieldSpan {
  readonly start: number;
  readonly end: number;
}

/** Bytes before the message in a gRPC frame. */
const GRPC_PREFIX = 5;

/**
 * Where in a request the fields lie that are written anew for each send: all that the path of field numbers leads to,
 * in their order. `[2, 2, 1]` of a TxnRequest: the key of each put of its success branch.
 *
 * @param frame a message in its gRPC frame, as `ProtoWriter.finish()` gives it
 */
export function fieldSpans(frame: Buffer, path: readonly number[]): readonly FieldSpan[] {
  const spans: FieldSpan[] = [];
  collect(new ProtoReader(frame, GRPC_PREFIX), path, 0, spans);
  return spans;
}

function collect(reader: ProtoReader, path: readonly number[], depth: number, spans: FieldSpan[]): void {
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== path[depth]) reader.skip();
    else if (depth + 1 < path.length) reader.message((inner) => collect(inner, path, depth + 1, spans));
    else {
      const end = reader.enter();
      spans.push({ start: reader.position, end });
      reader.position = end;
    }
  }
}
