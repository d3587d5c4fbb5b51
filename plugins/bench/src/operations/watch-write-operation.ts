import type { LoadOperation, LoadRequest, Outcome } from '@etcdperf/core/load';
import { KvScan, Method, ProtoWriter, RequestTemplate, writePut } from '@etcdperf/core/wire';
import type { KeySource, ValueSource } from '@etcdperf/core/workload';
import type { WatchKeySpace } from '../services/watch/watch-keys.ts';
import { writeStamp } from '../services/watch/watch-stamp.ts';
import type { WatchTracker } from '../services/watch/watch-tracker.ts';
import { fieldSpans } from './field-spans.ts';

export interface WatchWriteOptions {
  readonly keys: WatchKeySpace;
  /** Chooses key numbers. */
  readonly chooser: Pick<KeySource, 'next'>;
  /** What a stamp leaves of them. */
  readonly values: ValueSource;
  /** 0 to 1. */
  readonly deleteShare: number;
  /** 0 to 1, again and again. */
  readonly random: () => number;
  /** Tells this run's values from others'; undefined: they are too short for a stamp. */
  readonly run: number | undefined;
  readonly tracker: WatchTracker;
}

/** More than are ever between an answer's message and its end. */
const SLOTS = 1 << 14;
const PUT = 0;
const DELETE = 1;

/** Writes what is watched; values that are long enough are stamped, and the tracker is told of each write. */
export class WatchWriteOperation implements LoadOperation {
  readonly kinds = [
    { name: 'put', isWrite: true },
    { name: 'delete', isWrite: true },
  ];
  readonly #options: WatchWriteOptions;
  readonly #put: LoadRequest;
  readonly #delete: LoadRequest;
  readonly #valueDistance: number;
  readonly #scan = new KvScan();
  /** Of answers whose outcome has not been told yet: the revision of the write, 0 where it changed nothing. */
  readonly #revisions = new Float64Array(SLOTS);
  #key = 0;
  #kind = PUT;

  constructor(options: WatchWriteOptions) {
    const { keys, values, deleteShare } = options;
    this.#options = options;
    const key = keys.key(0);
    const writer = new ProtoWriter();
    writePut(writer, { key, value: Buffer.alloc(values.length, 1) });
    const put = writer.finish();
    const keyAt = fieldSpans(put, [1])[0]!.start;
    // An empty value is not there at all.
    this.#valueDistance = (fieldSpans(put, [2])[0]?.start ?? keyAt) - keyAt;
    this.#put = { template: new RequestTemplate(Method.put, put, keyAt), kind: PUT };
    writer.bytes(1, key);
    const deletion = writer.finish();
    const deletedAt = fieldSpans(deletion, [1])[0]!.start;
    this.#delete = { template: new RequestTemplate(Method.deleteRange, deletion, deletedAt), kind: DELETE };
    if (deleteShare === 0) this.kinds.pop();
  }

  next(): LoadRequest {
    const { chooser, deleteShare, random } = this.#options;
    this.#key = chooser.next();
    this.#kind = deleteShare > 0 && random() < deleteShare ? DELETE : PUT;
    return this.#kind === PUT ? this.#put : this.#delete;
  }

  fill(bytes: Buffer, at: number, sequence: number, startedAt: number): void {
    const { keys, values, tracker, run } = this.#options;
    keys.write(bytes, at, this.#key);
    if (this.#kind === PUT && this.#valueDistance > 0) {
      const valueAt = at + this.#valueDistance;
      values.write(bytes, valueAt);
      if (run !== undefined) writeStamp(bytes, valueAt, startedAt, sequence, run);
    }
    tracker.onSent(sequence, startedAt, this.#key);
  }

  onMessage(kind: number, sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#revisions[sequence & (SLOTS - 1)] = this.#revisionOf(kind, bytes, start, end);
  }

  onOutcome(kind: number, sequence: number, outcome: Outcome, _startedAt: number, now: number): void {
    const revision = this.#revisions[sequence & (SLOTS - 1)]!;
    if (outcome === 'ok')
      this.#options.tracker.onAcknowledged(sequence, kind === PUT ? 'put' : 'delete', revision, now);
    else this.#options.tracker.onFailed(sequence);
  }
  /** Of a put or a delete: 0 when nothing was deleted. */
  #revisionOf(kind: number, bytes: Buffer, start: number, end: number): number {
    const scan = this.#scan;
    if (kind === PUT) {
      scan.put(bytes, start, end);
      return scan.revision;
    }
    scan.deletion(bytes, start, end);
    return scan.deleted === 0 ? 0 : scan.revision;
  }
}
