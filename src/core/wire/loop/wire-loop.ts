import { HpackTable, RequestHeaders, type RequestIdentity } from '../hpack/index.ts';
import { ProtoWriter } from '../protobuf/index.ts';
import { BufferPool } from './buffer-pool.ts';
import { TimerWheel } from './timer-wheel.ts';

/** Room before the read region for a frame that the last read cut: a header and the longest payload we allow. */
export const READ_MARGIN = 16_384 + 9;
const READ_BYTES = 256 * 1024;
const MOST_DIALS = 128;
const MOST_IDENTITIES = 256;
const MOST_DIRTY = 64;

/** Whatever has frames to flush. */
export interface Flushable {
  flush(): void;
}

/**
 * What all connections of a thread share, so that ten thousand of them stay small: one read buffer (reading and parsing
 * are one synchronous step), a pool of write buffers, one timer, HPACK tables, and a limit on simultaneous dials.
 */
export class WireLoop {
  static #ofThisThread: WireLoop | undefined;

  readonly timers = new TimerWheel();
  readonly writeBuffers = new BufferPool();
  /** Requests are written in one synchronous step. */
  readonly protoWriter = new ProtoWriter();
  readonly emptyHpackTable = HpackTable.empty();
  /** Cut frames are put together right before `readRegion`, which sockets read into. */
  readonly readBuffer = Buffer.allocUnsafeSlow(READ_MARGIN + READ_BYTES);
  readonly readRegion = this.readBuffer.subarray(READ_MARGIN);
  readonly #memo = new WeakMap<object, unknown>();
  readonly #identities = new Map<string, RequestHeaders>();
  readonly #dirty: Flushable[] = [];
  #isFlushScheduled = false;
  #dialing = 0;
  readonly #waitingDials: (() => void)[] = [];
  #nextStart = 0;

  /** The loop that connections use unless they are given another. Sharing is its purpose: hence one for a thread. */
  static shared(): WireLoop {
    WireLoop.#ofThisThread ??= new WireLoop();
    return WireLoop.#ofThisThread;
  }

  /** Flushes after the current callback or the promise reactions that run now: one write for all that they send. */
  flushSoon(target: Flushable): void {
    this.#dirty.push(target);
    // Each of them holds a write buffer.
    if (this.#dirty.length > MOST_DIRTY) this.#dirty.shift()?.flush();
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    process.nextTick(() => {
      this.#isFlushScheduled = false;
      for (const target of this.#dirty.splice(0)) target.flush();
    });
  }

  /** Request headers of a fresh connection; the same object for the same identity. */
  requestHeaders(identity: RequestIdentity, peerTableSize: number): RequestHeaders {
    const key = JSON.stringify([identity.scheme, identity.authority, identity.token, peerTableSize]);
    let headers = this.#identities.get(key);
    if (headers === undefined) {
      headers = RequestHeaders.create(identity, peerTableSize, true);
      // Tokens come and go; what still uses an old one keeps it alive itself.
      if (this.#identities.size >= MOST_IDENTITIES) this.#identities.clear();
      this.#identities.set(key, headers);
    }
    return headers;
  }

  /** What `make` returns, made once for each key object. */
  memoize<T>(key: object, make: () => T): T {
    const known = this.#memo.get(key) as T | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.#memo.set(key, made);
    return made;
  }

  /** Waits for its turn to dial; `leaveDial()` must follow. */
  enterDial(start: () => void): void {
    if (this.#dialing < MOST_DIALS) {
      this.#dialing += 1;
      start();
    } else this.#waitingDials.push(start);
  }

  leaveDial(): void {
    const next = this.#waitingDials.shift();
    if (next === undefined) this.#dialing -= 1;
    else next();
  }

  /** Successive clients begin with successive endpoints, so that load is spread evenly. */
  nextStart(): number {
    this.#nextStart += 1;
    return this.#nextStart - 1;
  }
}
