import type { InstanceSource, LoadOperation, OperationSource, Outcome, ThreadShare } from '../load/index.ts';
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
  writePut(writer, { key: keyOf(prefix, 0), value: Buffer.alloc(valueBytes, 'v') });
  const frame = writer.finish();
  const patchOffset = frame.indexOf(keyOf(prefix, 0)) + prefix.length;
  const request = { template: new RequestTemplate(Method.put, frame, patchOffset), kind: 0 };
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

/** The operation above, for any number of threads. */
export function putWork(prefix: string, valueBytes = 16): OperationSource<PutOperationOptions> {
  return { kind: 'operation', module: import.meta.url, options: { prefix, valueBytes } };
}

/** The same for one thread, with the keys by the outcome of their puts. */
export function recordedPuts(prefix: string, valueBytes = 16): InstanceSource & Record<Outcome, Set<string>> {
  const keys = { ok: new Set<string>(), fail: new Set<string>(), unknown: new Set<string>() };
  const puts = putOperation({ prefix, valueBytes }, { index: 0, count: 1, seed: 0 });
  const operation: LoadOperation = {
    ...puts,
    onOutcome: (kind, sequence, outcome, startedAt, now) => {
      keys[outcome].add(keyOf(prefix, sequence));
      puts.onOutcome?.(kind, sequence, outcome, startedAt, now);
    },
  };
  return { kind: 'instance', operation, ...keys };
}

function keyOf(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(DIGITS, '0')}`;
}
