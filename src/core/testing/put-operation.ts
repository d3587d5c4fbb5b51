import type { LoadOperation, ThreadShare } from '../load/index.ts';
import { Method, ProtoWriter, RequestTemplate, writePut } from '../wire/index.ts';

export interface PutOperationOptions {
  /** Keys are this and a number of 8 digits: those of all threads together are 0, 1, 2, … */
  readonly prefix: string;
  readonly valueBytes: number;
}

const DIGITS = 8;

/** The simplest load: puts of one value to ever new keys. For tests of the load engine, in worker threads too. */
export default function putOperation(options: PutOperationOptions, share: ThreadShare): LoadOperation {
  const { prefix, valueBytes } = options;
  const writer = new ProtoWriter();
  const key = `${prefix}${'0'.repeat(DIGITS)}`;
  writePut(writer, { key, value: Buffer.alloc(valueBytes, 'v') });
  const frame = writer.finish();
  const request = { template: new RequestTemplate(Method.put, frame, frame.indexOf(key) + prefix.length), kind: 0 };
  let acknowledged = 0;
  return {
    kinds: [{ name: 'put', isWrite: true }],
    next: () => request,
    fill: (bytes, at, sequence) => {
      let rest = sequence * share.count + share.index;
      for (let digit = DIGITS - 1; digit >= 0; digit -= 1) {
        bytes[at + digit] = 48 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
    },
    onOutcome: (_kind, _sequence, outcome) => {
      if (outcome === 'ok') acknowledged += 1;
    },
    counters: () => ({ acknowledged }),
  };
}
