import { type ConnectionListener, WireConnection } from '../http2/index.ts';
import type { TimerEntry } from '../loop/index.ts';
import type { ResolvedOptions } from './wire-options.ts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'ready'; readonly endpoint: string }
  | { readonly kind: 'disconnected'; readonly endpoint: string; readonly why: string };

export interface ConnectorListener {
  /** A connection is up. */
  onConnection(connection: WireConnection): void;
  /** The connection takes no new calls any more. Calls on it were told, or go on until they end. */
  onDisconnected(endpoint: string, why: string): void;
  /** One endpoint could not be reached. */
  onDialFailed(endpoint: string, why: string, failuresInARow: number): void;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'queued' }
  | { readonly kind: 'dialing'; readonly connection: WireConnection }
  | { readonly kind: 'ready'; readonly connection: WireConnection; readonly since: number }
  | { readonly kind: 'waiting'; readonly timer: TimerEntry }
  | { readonly kind: 'closed' };

/** A connection that lived so long was a good one: the next attempt need not wait. */
const GOOD_LIFE_MS = 2000;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;

/** Keeps one connection up: goes through the endpoints, and waits longer and longer while none is good. */
export class Connector {
  readonly #options: ResolvedOptions;
  readonly #listener: ConnectorListener;
  readonly #stopFollowing: (() => void) | undefined;
  #state: State = { kind: 'idle' };
  /** Which target is next, counted on beyond the last. */
  #next: number;
  #failures = 0;
  /** Asked to leave for the next endpoint. */
  #isMovingOn = false;
  #token: string | undefined;

  constructor(options: ResolvedOptions, listener: ConnectorListener) {
    this.#options = options;
    this.#listener = listener;
    this.#next = options.startAt ?? options.loop.nextStart();
    this.#stopFollowing = options.live?.onChange((gone) => this.#leave(gone));
  }

  /** The connection that takes calls now. */
  get connection(): WireConnection | undefined {
    return this.#state.kind === 'ready' ? this.#state.connection : undefined;
  }

  start(): void {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'queued' };
    this.#options.loop.enterDial(() => {
      if (this.#state.kind === 'queued') this.#dial();
      else this.#options.loop.leaveDial();
    });
  }

  /** Leaves the connection for the next endpoint; calls that are open on it go on. */
  moveOn(why: string): void {
    if (this.#state.kind !== 'ready') return;
    this.#isMovingOn = true;
    this.#state.connection.retire(why);
    this.#isMovingOn = false;
  }

  /** The token for the connection there is and for those to come. */
  setToken(token: string): void {
    this.#token = token;
    this.connection?.setToken(token);
  }

  close(why: string): void {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#stopFollowing?.();
    if (state.kind === 'waiting') this.#options.loop.timers.cancel(state.timer);
    if (state.kind === 'dialing' || state.kind === 'ready') state.connection.close(why);
  }

  #dial(): void {
    const { targets, loop, dialTimeoutMs, keepaliveMs, keepaliveTimeoutMs, firstStreamId } = this.#options;
    const target = targets.at(this.#next);
    this.#next += 1;
    const share = Math.max(dialTimeoutMs / Math.min(targets.count, 3), Math.min(dialTimeoutMs, 500));
    const options = {
      loop,
      token: this.#token,
      dialTimeoutMs: Math.round(share),
      keepaliveMs,
      keepaliveTimeoutMs,
      firstStreamId,
    };
    let isDialing = true;
    const leaveDial = () => {
      if (isDialing) loop.leaveDial();
      isDialing = false;
    };
    const listener: ConnectionListener = {
      onReady: () => {
        leaveDial();
        if (this.#state.kind !== 'dialing') return;
        this.#state = { kind: 'ready', connection, since: performance.now() };
        this.#listener.onConnection(connection);
      },
      onDraining: (why) => this.#onGone(connection, why),
      onClosed: (why) => {
        leaveDial();
        this.#onGone(connection, why);
      },
    };
    const connection = new WireConnection(target, options, listener);
    this.#state = { kind: 'dialing', connection };
  }

  #onGone(connection: WireConnection, why: string): void {
    const state = this.#state;
    // One that was retired before, or that we closed.
    if ((state.kind !== 'ready' && state.kind !== 'dialing') || state.connection !== connection) return;
    const isGood = state.kind === 'ready' && performance.now() - state.since > GOOD_LIFE_MS;
    this.#failures = isGood ? 0 : this.#failures + 1;
    if (state.kind === 'ready' && !this.#isMovingOn) this.#next = this.#comeback();
    this.#state = { kind: 'waiting', timer: this.#options.loop.timers.schedule(this.#wait(), () => this.start()) };
    const { endpoint } = connection.target;
    if (state.kind === 'ready') this.#listener.onDisconnected(endpoint, why);
    else this.#listener.onDialFailed(endpoint, why, this.#failures);
  }

  /** A member that is none any more may answer for a while, but with what it knew; calls that are open on it go on. */
  #leave(gone: readonly string[]): void {
    const { connection } = this;
    if (connection !== undefined && gone.includes(connection.target.endpoint))
      connection.retire('the member has left the cluster');
  }

  /** Where a connection that was lost is sought first. In a list that changes an index is no member's for good. */
  #comeback(): number {
    const { startAt, live, loop } = this.#options;
    return live === undefined ? (startAt ?? this.#next) : loop.nextStart();
  }

  /** Other endpoints are tried at once; after a round without success it takes longer every time, with jitter. */
  #wait(): number {
    const rounds = this.#failures - this.#options.targets.count;
    const longest = rounds < 0 ? 20 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** rounds);
    return longest * (0.5 + Math.random() / 2);
  }
}
