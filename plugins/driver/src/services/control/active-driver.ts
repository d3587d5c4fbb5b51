import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WireClient } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { DriverContext } from '../driver-context.ts';
import type { DriverState } from '../resume/driver-state.ts';
import { StateMaker } from '../resume/state-maker.ts';
import { StateSaver } from '../resume/state-saver.ts';
import { gapSince } from '../resume/take-up-state.ts';
import { claimRegistration } from './claim-registration.ts';
import { findCompany } from './company.ts';
import { confirmEnd } from './confirm-end.ts';
import type { ControlSettings, DriverControl, DriverProgress, RunEnd } from './driver-control.ts';
import { type DriverRecord, describeDriver } from './driver-record.ts';
import { awaitEndKey } from './end-key.ts';
import { firstKeyOf } from './hierarchy.ts';
import type { Beginning } from './open-driver-control.ts';
import type { Registration } from './registration.ts';
import { Trouble } from './trouble.ts';

export interface DriverControlContext extends DriverContext {
  /** Unix ms; default: this machine's clock. Read anew for every stamp, since it may be stepped. */
  readonly wallClock?: () => number;
  /** How often the end key is read. Default 5000. */
  readonly endKeyEveryMs?: number | undefined;
  /** How long a dead driver stays registered. Default 10. */
  readonly registrationTtlSeconds?: number | undefined;
}

export interface ActiveDriverParts {
  readonly settings: ControlSettings;
  readonly context: DriverControlContext;
  readonly client: WireClient;
  /** For the watch on the end key alone. */
  readonly watching: WireClient;
  readonly beginning: Beginning;
}

/** What is yet to be saved when a driver is interrupted is given up after so long: a pod has 10 s in all. */
const LAST_SAVE_MS = 2500;

/** See `DriverControl`. */
export class ActiveDriver implements DriverControl {
  readonly space: PatternSpace;
  readonly resumed: DriverState | undefined;
  readonly #parts: ActiveDriverParts;
  readonly #now: () => number;
  readonly #record: DriverRecord;
  readonly #states: StateMaker;
  readonly #saver: StateSaver | undefined;
  readonly #ended = new AbortController();
  readonly #over = new AbortController();
  #end: RunEnd | undefined;
  #registration: Registration | undefined;
  #looking: Promise<void> | undefined;

  constructor(parts: ActiveDriverParts) {
    const { settings, context, beginning } = parts;
    const { space, store, state, clusterId, isEnded } = beginning;
    this.#parts = parts;
    this.#now = context.wallClock ?? Date.now;
    this.space = space;
    this.resumed = state && { ...state, gaps: [...state.gaps, gapSince(state, this.#now())] };
    this.#record = {
      id: randomUUID(),
      name: settings.name,
      host: hostname(),
      pid: process.pid,
      pattern: space.text,
      firstKey: firstKeyOf(space),
      clusterId,
      phase: state?.phase === 'steady' || settings.workload.load === undefined ? 'steady' : 'load',
      startedAt: this.#stamp(),
    };
    this.#states = new StateMaker({ settings, record: this.#record, keys: space.size, resumed: this.resumed });
    if (store !== undefined) {
      const trouble = new Trouble('saving the state', 'a restart would go on from the last one saved', context.onInfo);
      this.#saver = new StateSaver(
        (next) => this.#write(next),
        (error) => trouble.failed(error),
        () => trouble.worked(),
      );
    }
    if (isEnded) this.#endRun({ kind: 'end-key' });
  }

  get name(): string {
    return this.#registration?.record.name ?? this.#record.name;
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  get end(): RunEnd | undefined {
    return this.#end;
  }

  async register(): Promise<void> {
    const { client, watching, beginning, settings, context } = this.#parts;
    const { endKey } = settings;
    this.#registration = await claimRegistration({
      client,
      endKey,
      settings,
      predecessor: beginning.predecessor,
      record: this.#record,
      endKeyRevision: this.#end === undefined ? beginning.endKeyRevision : undefined,
      isResumed: this.resumed !== undefined,
      onEndKey: () => this.#endRun({ kind: 'end-key' }),
      ttlSeconds: beginning.predecessor.ttlSeconds,
      trouble: new Trouble('the control cluster', 'the load goes on', context.onInfo),
      onSuperseded: (by) => this.#endRun({ kind: 'superseded', by }),
      signal: this.#over.signal,
    });
    try {
      for (const finding of await this.company()) context.onFinding(finding);
      await this.#write(this.#states.first(this.#stamp()));
    } catch (error) {
      await this.#registration.end();
      throw error;
    }
    this.#looking = awaitEndKey({
      watching,
      reading: client,
      key: endKey,
      revision: beginning.revision,
      everyMs: context.endKeyEveryMs,
      onEnd: () => this.#endRun({ kind: 'end-key' }),
      signal: this.#over.signal,
    });
  }

  /** See `findCompany`. */
  company(): ReturnType<typeof findCompany> {
    const { client, settings, context } = this.#parts;
    const { workload, sharesHierarchy } = settings;
    const isWelcome = workload.load === undefined || this.resumed !== undefined || sharesHierarchy === true;
    return findCompany({ client, record: this.#record, isWelcome, signal: context.signal });
  }

  save(progress: DriverProgress): void {
    if (this.#end?.kind === 'superseded') return;
    this.#registration?.setPhase(progress.phase);
    this.#saver?.save(this.#states.make(progress, this.#stamp()));
  }

  async confirm(progress: DriverProgress, ending: string): Promise<boolean> {
    const { client, settings, context } = this.#parts;
    const { id, host, pid } = this.#record;
    const { name } = this;
    const endedAt = this.#stamp();
    const last = { ...this.#states.make(progress, endedAt), phase: 'done' } as const;
    const confirmation = { id, name, host, pid, ending, counters: last.counters, endedAt };
    await this.#saver?.settled();
    try {
      const before = () => this.#write(last);
      await confirmEnd(client, settings.endKey, confirmation, { before, signal: context.signal });
    } catch (error) {
      context.onInfo(`nobody could be told that this run is over: ${(error as Error).message}`);
      return false;
    }
    await this.#registration?.end();
    return true;
  }

  totals(counters: Readonly<Record<string, number>>): Record<string, number> {
    return this.#states.totals(counters);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { client, watching } = this.#parts;
    this.#over.abort();
    const patience = new AbortController();
    const wait = sleep(LAST_SAVE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.#saver?.settled(), wait]);
    patience.abort();
    await this.#registration?.end();
    await Promise.all([client.close(), watching.close()]);
    await this.#looking;
  }

  async #write(state: DriverState): Promise<void> {
    await this.#parts.beginning.store?.write(state, this.#registration?.fence ?? []);
  }

  #endRun(end: RunEnd): void {
    if (this.#end?.kind !== 'superseded' && end.kind === 'superseded')
      this.#parts.context.onInfo(`${describeDriver(end.by)} took this one's place: this run ends`);
    this.#end ??= end;
    this.#ended.abort();
  }

  #stamp(): string {
    return new Date(this.#now()).toISOString();
  }
}
