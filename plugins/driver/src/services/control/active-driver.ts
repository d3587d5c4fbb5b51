import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@etcdperf/core/errors';
import type { WireClient } from '@etcdperf/core/wire';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { DriverContext } from '../driver-context.ts';
import type { DriverState } from '../resume/driver-state.ts';
import { StateSaver } from '../resume/state-saver.ts';
import { gapSince } from '../resume/take-up-state.ts';
import { refuseTwin } from './await-predecessor.ts';
import { controlKeys } from './control-keys.ts';
import type { ControlSettings, DriverControl, DriverProgress, RunEnd } from './driver-control.ts';
import type { DriverConfirmation, DriverRecord } from './driver-record.ts';
import { awaitEndKey, endKeyRefusal, saysEnd } from './end-key.ts';
import { firstKeyOf, isSameHierarchy } from './hierarchy.ts';
import { listDrivers, type RegisteredDriver } from './list-drivers.ts';
import type { Beginning } from './open-driver-control.ts';
import { Registration } from './registration.ts';
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

/** Unless the context says otherwise. */
export const REGISTRATION_TTL_SECONDS = 10;
/** So many writes beyond those of the last save can have been made: 10 s of 100,000 a second. */
const RESERVED_WRITES = 1_000_000;
const CONFIRMATION_TTL_SECONDS = 3600;
const CONFIRM_TRIES = 4;

/** See `DriverControl`. */
export class ActiveDriver implements DriverControl {
  readonly space: PatternSpace;
  readonly resumed: DriverState | undefined;
  readonly #parts: ActiveDriverParts;
  readonly #now: () => number;
  readonly #record: DriverRecord;
  readonly #ended = new AbortController();
  readonly #over = new AbortController();
  readonly #saver: StateSaver | undefined;
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
    if (store !== undefined) {
      const trouble = new Trouble('saving the state', 'a restart would go on from the last one saved', context.onInfo);
      this.#saver = new StateSaver(
        (next) => store.write(next, this.#registration?.fence ?? []),
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
    this.#registration = await this.#claim();
    try {
      await this.refuseCompany();
      const { store } = beginning;
      const progress = this.resumed ?? { phase: this.#record.phase, loaded: 0, churned: 0, nextWrite: 0 };
      await store?.write(this.#stateOf({ ...progress, counters: {} }, progress.phase), this.#registration.fence);
    } catch (error) {
      await this.#registration.end();
      throw error;
    }
    this.#looking = awaitEndKey({
      watching,
      reading: client,
      key: settings.endKey,
      revision: beginning.revision,
      everyMs: context.endKeyEveryMs,
      onEnd: () => this.#endRun({ kind: 'end-key' }),
      signal: this.#over.signal,
    });
  }

  /** Throws InputError when another driver, registered before this one, works on the same hierarchy. */
  async refuseCompany(): Promise<void> {
    const { client, settings, context } = this.#parts;
    const drivers = await listDrivers(client, context.signal);
    const own = drivers.find(({ id }) => id === this.#record.id);
    const others = drivers.filter(
      (other) =>
        other.id !== this.#record.id &&
        other.createRevision < (own?.createRevision ?? Number.POSITIVE_INFINITY) &&
        other.clusterId === this.#record.clusterId &&
        isSameHierarchy(other.firstKey, this.#record.firstKey),
    );
    const [first] = others;
    if (first === undefined) return;
    const message = `${describe(first)} works on the same hierarchy, ${first.firstKey}`;
    // Who doesn't load, or did before, belongs there.
    const isWelcome = settings.workload.load === undefined || this.resumed !== undefined;
    if (!isWelcome && settings.sharesHierarchy !== true)
      throw new InputError(message, {
        hint: 'wait for its end (etcdperf driver:stop), use another pattern, or --skip-init to work beside it',
      });
    if (own !== undefined) context.onFinding({ kind: 'other', message: `${message}: so does this one` });
  }

  save(progress: DriverProgress): void {
    this.#registration?.setPhase(progress.phase);
    this.#saver?.save(this.#stateOf(progress, progress.phase));
  }

  async confirm(progress: DriverProgress, ending: string): Promise<boolean> {
    this.#saver?.save(this.#stateOf(progress, 'done'));
    await this.#saver?.settled();
    const { id, host, pid } = this.#record;
    const { name } = this;
    const counters = this.totals(progress.counters);
    const isTold = await this.#tellDone({ id, name, host, pid, ending, counters, endedAt: this.#stamp() });
    await this.#registration?.end();
    return isTold;
  }

  totals(counters: Readonly<Record<string, number>>): Record<string, number> {
    const sums: Record<string, number> = { ...this.resumed?.counters };
    for (const [name, count] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + count;
    return sums;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#saver?.settled();
    await this.#registration?.end();
    await this.#looking;
    await Promise.all([this.#parts.client.close(), this.#parts.watching.close()]);
  }

  async #claim(): Promise<Registration> {
    const { client, beginning, settings, context } = this.#parts;
    const { endKey, name, resumeFrom } = settings;
    const options = {
      client,
      endKey,
      ttlSeconds: beginning.predecessor.ttlSeconds,
      trouble: new Trouble('the control cluster', 'the load goes on', context.onInfo),
      onSuperseded: (by: DriverRecord) => {
        context.onInfo(`${describe(by)} took this one's place: this run ends`);
        this.#endRun({ kind: 'superseded', by });
      },
      signal: this.#over.signal,
    };
    let endKeyRevision = this.#end === undefined ? beginning.endKeyRevision : undefined;
    for (let number = 1; ; ) {
      const ownName = number === 1 ? name : `${name}-${number}`;
      const claim = await Registration.claim(options, { ...this.#record, name: ownName }, endKeyRevision);
      switch (claim.kind) {
        case 'registered':
          return claim.registration;
        case 'taken':
          if (resumeFrom === undefined) number += 1;
          else await refuseTwin(beginning.predecessor);
          break;
        case 'end-key-changed': {
          const [kv] = (await client.range(endKey, { signal: context.signal })).kvs;
          endKeyRevision = kv?.modRevision ?? 0;
          if (!saysEnd(kv?.value)) break;
          if (this.resumed === undefined) throw endKeyRefusal(endKey);
          this.#endRun({ kind: 'end-key' });
          endKeyRevision = undefined;
          break;
        }
        default:
          claim satisfies never;
      }
    }
  }

  async #tellDone(confirmation: DriverConfirmation): Promise<boolean> {
    const { client, settings, context } = this.#parts;
    const { done, live } = controlKeys(settings.endKey, this.name);
    for (let tries = 1; ; tries += 1) {
      try {
        const { id: lease } = await client.leaseGrant(CONFIRMATION_TTL_SECONDS);
        const value = JSON.stringify(confirmation);
        await client.txn({
          success: [
            { kind: 'put', key: done, value, lease },
            { kind: 'delete', key: live },
          ],
        });
        return true;
      } catch (error) {
        if (tries === CONFIRM_TRIES) {
          context.onInfo(`nobody could be told that this run is over: ${(error as Error).message}`);
          return false;
        }
        await sleep(500 * tries);
      }
    }
  }

  #stateOf(
    { loaded, churned = 0, nextWrite, counters }: Omit<DriverProgress, 'phase'>,
    phase: DriverState['phase'],
  ): DriverState {
    const { settings, beginning } = this.#parts;
    return {
      version: 1,
      name: settings.name,
      pattern: this.space.text,
      keys: this.space.size,
      seed: settings.workload.seed,
      ip: beginning.state?.ip ?? settings.ip,
      phase,
      loaded,
      churned,
      nextWrite: nextWrite + RESERVED_WRITES,
      counters: this.totals(counters),
      startedAt: this.resumed?.startedAt ?? this.#record.startedAt,
      savedAt: this.#stamp(),
      gaps: this.resumed?.gaps ?? [],
    };
  }

  #endRun(end: RunEnd): void {
    this.#end ??= end;
    this.#ended.abort();
  }

  #stamp(): string {
    return new Date(this.#now()).toISOString();
  }
}

function describe({ name, pid, host, startedAt }: DriverRecord | RegisteredDriver): string {
  return `the driver '${name}' (process ${pid} on ${host}, since ${startedAt})`;
}
