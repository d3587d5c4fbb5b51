import { type ConnectionState, WireClient, WireError } from '../wire/index.ts';
import { judgeFailure } from './judge-failure.ts';
import type { Lane, LaneOwner, LaneParts } from './lane.ts';
import type { LoadConnection } from './load-connection.ts';
import type { ScenarioFeed } from './scenario-feed.ts';

/** The numbers of the callers of one connection: no two connections have the same. */
export interface CallerNumbers {
  readonly first: number;
  readonly step: number;
}

/** How long steps may take to obey their signal before their client is closed. */
const OBEY_MS = 500;

/** A connection that carries the steps of a scenario, each of them several requests one after the other. */
export class ScenarioLane implements Lane, LoadConnection {
  readonly index: number;
  problem = 'not connected yet';
  readonly #parts: LaneParts;
  readonly #feed: ScenarioFeed;
  readonly #callers: CallerNumbers;
  #owner: LaneOwner | undefined;
  #client: WireClient | undefined;
  /** Numbers of callers that are between two steps, and how many were given out. */
  readonly #idleCallers: number[] = [];
  #callerCount = 0;
  #inFlight = 0;

  constructor(parts: LaneParts, feed: ScenarioFeed, callers: CallerNumbers) {
    this.index = parts.index;
    this.#parts = parts;
    this.#feed = feed;
    this.#callers = callers;
  }

  tell(owner: LaneOwner): void {
    this.#owner = owner;
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#client = await WireClient.connect(this.#parts.wire, signal, (state) => this.#onState(state));
  }

  canStart(): boolean {
    return this.#client?.connection !== undefined;
  }

  start(startedAt: number): void {
    this.#parts.tally.onStarted(startedAt);
    this.#inFlight += 1;
    void this.#step(startedAt);
  }

  /** The client writes by itself. */
  flush(): void {}

  /** Each request has its own timeout; only the end of the load gives up what goes on. */
  expire(startedBefore: number): void {
    if (startedBefore !== Number.POSITIVE_INFINITY || this.#inFlight === 0) return;
    this.#feed.ending.abort();
    setTimeout(() => this.#inFlight > 0 && this.close(), OBEY_MS).unref();
  }

  kindOfUnsent(): number {
    return 0;
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  async #step(startedAt: number): Promise<void> {
    const caller = this.#idleCallers.pop() ?? this.#newCaller();
    const { scenario, ending } = this.#feed;
    let failure: unknown;
    let kind = 0;
    try {
      const step = { client: caller, sequence: this.#feed.takeSequence(), startedAt, signal: ending.signal };
      kind = await scenario.step(this.#client!, step);
    } catch (error) {
      failure = error;
    }
    const now = performance.now();
    this.#idleCallers.push(caller);
    this.#inFlight -= 1;
    if (failure === undefined) {
      this.#parts.tally.onOk(kind, startedAt, now);
      this.#owner?.onEnd(this, now, true, 'go');
    } else this.#onFailed(failure, startedAt, now);
    this.#owner?.onBatch(this, now);
  }

  #onFailed(error: unknown, startedAt: number, now: number): void {
    const { tally } = this.#parts;
    if (!(error instanceof WireError)) {
      // A fault of the scenario itself.
      tally.onFailed(0, startedAt, 'fail', String(error));
      this.#owner?.onSenseless(error instanceof Error ? error : new Error(String(error)));
      this.#owner?.onEnd(this, now, false, 'go');
      return;
    }
    const failure = judgeFailure(error.reason, error.outcome, error.message);
    tally.onFailed(0, startedAt, failure.outcome, failure.message);
    if (failure.senseless !== undefined) this.#owner?.onSenseless(failure.senseless);
    this.#owner?.onEnd(this, now, false, failure.nextMove);
  }

  #newCaller(): number {
    this.#callerCount += 1;
    return this.#callers.first + (this.#callerCount - 1) * this.#callers.step;
  }

  #onState(state: ConnectionState): void {
    if (state.kind === 'disconnected') this.problem = `${state.endpoint}: ${state.why}`;
    else if (state.kind === 'ready') this.#owner?.onOpen(this, performance.now());
  }
}
