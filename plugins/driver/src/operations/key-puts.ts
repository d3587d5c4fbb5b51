import type { LoadRequest, Outcome } from '@etcdperf/core/load';
import { bytesFieldSize, KvScan, Method, RequestTemplate, writeBytesFieldHead } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { WriteObserver } from '../services/verify/write-observer.ts';
import { OpenRequests } from './open-requests.ts';
import type { WriteCounter } from './write-counter.ts';

/** What all that writes of one run shares. */
export interface WriteParts {
  readonly space: PatternSpace;
  readonly writes: WriteCounter;
  readonly observer: WriteObserver | undefined;
}

const NONE = -1;

/** Puts of keys of a pattern, each with the value that belongs to it and its number. */
export class KeyPuts {
  /** Acknowledged. */
  puts = 0;
  /** Of their keys and values. */
  bytes = 0;
  readonly open = new OpenRequests();
  readonly #parts: WriteParts;
  readonly #template = RequestTemplate.varying(Method.put);
  readonly #request: LoadRequest = { template: this.#template, kind: 0 };
  readonly #scan = new KvScan();
  /** Chosen, and not sent yet. */
  #key = NONE;
  #write = 0;
  #keyBytes = 0;
  #valueBytes = 0;

  constructor(parts: WriteParts) {
    this.#parts = parts;
  }

  /** The request that was chosen and not sent: it is still to be sent. */
  get chosen(): LoadRequest | undefined {
    return this.#key === NONE ? undefined : this.#request;
  }

  /** Its key; Infinity: there is none. */
  get chosenKey(): number {
    return this.#key === NONE ? Number.POSITIVE_INFINITY : this.#key;
  }

  /** The next request puts this key. */
  choose(key: number): LoadRequest {
    const { space, writes } = this.#parts;
    this.#key = key;
    this.#write = writes.next();
    this.#keyBytes = space.keyBytesOf(key);
    this.#valueBytes = space.values.bytesOf(key, this.#write);
    // An empty value is not there at all.
    const valueSize = this.#valueBytes === 0 ? 0 : bytesFieldSize(this.#valueBytes);
    this.#template.messageBytes = bytesFieldSize(this.#keyBytes) + valueSize;
    return this.#request;
  }

  fill(bytes: Buffer, at: number, sequence: number): void {
    const { space, observer } = this.#parts;
    let end = writeBytesFieldHead(bytes, at, 1, this.#keyBytes);
    end = space.writeKey(bytes, end, this.#key);
    if (this.#valueBytes > 0) {
      end = writeBytesFieldHead(bytes, end, 2, this.#valueBytes);
      space.values.write(bytes, end, this.#key, this.#write);
    }
    this.open.open(sequence, this.#key, this.#write);
    observer?.onPutSent(this.#key, this.#write);
    this.#key = NONE;
  }

  onMessage(sequence: number, bytes: Buffer, start: number, end: number): void {
    this.#scan.put(bytes, start, end);
    this.open.setRevision(this.open.slotOf(sequence), this.#scan.revision);
  }

  /** Counts the end of a put; returns its key. */
  onOutcome(sequence: number, outcome: Outcome, startedAt: number, now: number): number {
    const { space, observer } = this.#parts;
    const { open } = this;
    const slot = open.slotOf(sequence);
    const key = open.first(slot);
    const write = open.second(slot);
    const revision = outcome === 'ok' ? open.revision(slot) : 0;
    open.close(slot);
    if (outcome === 'ok') {
      this.puts += 1;
      this.bytes += space.keyBytesOf(key) + space.values.bytesOf(key, write);
    }
    observer?.onPutEnded(key, write, outcome, revision, now, startedAt);
    return key;
  }

  counters(): Readonly<Record<string, number>> {
    return { puts: this.puts, putBytes: this.bytes };
  }
}
