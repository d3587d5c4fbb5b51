import type { LoadScenario, ScenarioFactory, ScenarioStep } from '@etcdperf/core/load';
import {
  CallStream,
  classifyStatus,
  ProtoWriter,
  type StreamEnd,
  type WireClient,
  WireError,
  writeRange,
} from '@etcdperf/core/wire';
import { RangeCounter } from './range-counter.ts';
import { type RangeSubject, rangeOptionsOf } from './range-operation.ts';

export interface RangeStreamOptions {
  readonly range: Extract<RangeSubject, { kind: 'fixed' }>['range'];
  readonly limit: number;
  readonly isSerializable: boolean;
  readonly isKeysOnly: boolean;
  readonly timeoutMs: number;
}

/** Came with etcd 3.7. */
const RANGE_STREAM = { path: '/etcdserverpb.KV/RangeStream' };

/** One range for each step, which etcd sends piece by piece. */
class RangeStreamScenario implements LoadScenario {
  readonly kinds = [{ name: 'range', isWrite: false }];
  readonly #frame: Buffer;
  readonly #timeoutMs: number;
  readonly #returned = new RangeCounter();
  #pieces = 0;

  constructor(options: RangeStreamOptions) {
    const writer = new ProtoWriter();
    writeRange(writer, { ...options.range, ...rangeOptionsOf({ ...options, isCountOnly: false }) });
    this.#frame = writer.finish();
    this.#timeoutMs = options.timeoutMs;
  }

  async step(client: WireClient, { signal }: ScenarioStep): Promise<number> {
    const { connection } = client;
    if (connection === undefined) throw failure('connection', 'not connected', client);
    const call = new RangeStreamCall(this.#returned);
    const giveUp = (error: WireError) => {
      connection.cancel(call);
      call.reject(error);
    };
    const abort = () => giveUp(failure('cancelled', 'aborted', client));
    const late = () => giveUp(failure('deadline', `no whole answer within ${this.#timeoutMs} ms`, client));
    const timer = setTimeout(late, this.#timeoutMs);
    signal.addEventListener('abort', abort);
    try {
      connection.start(call, this.#frame, true);
      const end = await call.ended;
      if (end.kind !== 'status') throw failure('connection', end.message, client);
      if (end.code !== 0) throw failure(classifyStatus(end.code, end.message, false).reason, end.message, client);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
    this.#pieces += call.pieces;
    this.#returned.addPages(call.keys, call.bytes);
    return 0;
  }

  counters(): Readonly<Record<string, number>> {
    return { pieces: this.#pieces, ...this.#returned.counters() };
  }
}

class RangeStreamCall extends CallStream {
  readonly method = RANGE_STREAM;
  readonly ended: Promise<StreamEnd>;
  pieces = 0;
  keys = 0;
  bytes = 0;
  reject: (error: WireError) => void;
  readonly #counter: RangeCounter;
  readonly #resolve: (end: StreamEnd) => void;

  constructor(counter: RangeCounter) {
    super();
    const { promise, resolve, reject } = Promise.withResolvers<StreamEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    this.reject = reject;
    this.#counter = counter;
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.pieces += 1;
    this.bytes += end - start;
    this.keys += this.#counter.keysOfPiece(bytes, start, end);
  }

  onEnd(end: StreamEnd): void {
    this.#resolve(end);
  }
}

function failure(reason: WireError['reason'], message: string, { endpoint }: WireClient): WireError {
  return new WireError(message, { outcome: 'fail', reason, endpoint });
}

const makeRangeStream: ScenarioFactory<RangeStreamOptions> = (options) => new RangeStreamScenario(options);

export default makeRangeStream;
