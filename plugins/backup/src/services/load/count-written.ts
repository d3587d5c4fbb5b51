import { ProtoReader } from '@etcdperf/core/wire';

/** Fields of TxnResponse and ResponseOp. */
const SUCCEEDED = 2;
const RESPONSES = 3;
const RESPONSE_TXN = 4;

/**
 * Of the response to a conditional batch, `bytes[start, end)`: how many of its puts were done. A transaction that holds no
 * others did its only one or none.
 */
export function countWritten(bytes: Buffer, start: number, end: number): number {
  const reader = new ProtoReader(bytes, start, end);
  let isDone = false;
  let inner = 0;
  let hasInner = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === SUCCEEDED) isDone = reader.boolean();
    else if (field === RESPONSES) {
      const written = reader.message(readResponse);
      hasInner ||= written !== undefined;
      inner += written === true ? 1 : 0;
    } else reader.skip();
  }
  return hasInner ? inner : isDone ? 1 : 0;
}

/** Whether the inner transaction put its key; undefined: this is the answer to something else. */
function readResponse(reader: ProtoReader): boolean | undefined {
  let written: boolean | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === RESPONSE_TXN) written = reader.message(readSucceeded);
    else reader.skip();
  }
  return written;
}

function readSucceeded(reader: ProtoReader): boolean {
  let isDone = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === SUCCEEDED) isDone = reader.boolean();
    else reader.skip();
  }
  return isDone;
}
