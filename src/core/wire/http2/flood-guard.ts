import { ErrorCode, Http2Error } from './frame.ts';
import type { FrameOutput } from './frame-output.ts';
import type { PeerWatch } from './peer-watch.ts';

/** Frames that bring nothing, within a second: more is an attack or a bug. */
const MOST_IDLE_FRAMES = 10_000;
/** What may wait for a peer that does not read its answers. */
const MOST_PENDING = 64 * 1024 * 1024;

/** Ends connections whose peer sends frames without end that carry nothing: PING, SETTINGS, empty DATA. */
export class FloodGuard {
  readonly #peer: PeerWatch;
  readonly #output: FrameOutput;
  #idleFrames = 0;
  #since = 0;

  constructor(peer: PeerWatch, output: FrameOutput) {
    this.#peer = peer;
    this.#output = output;
  }

  /** A frame that carries something. */
  onUseful(): void {
    this.#idleFrames = 0;
  }

  /** A frame that carries nothing. Throws Http2Error when it was one too many. */
  onIdle(): void {
    const now = this.#peer.lastReadAt;
    if (now - this.#since > 1000) {
      this.#since = now;
      this.#idleFrames = 0;
    }
    this.#idleFrames += 1;
    if (this.#idleFrames > MOST_IDLE_FRAMES || this.#output.pending > MOST_PENDING)
      throw new Http2Error(ErrorCode.enhanceYourCalm, 'a flood of frames');
  }
}
