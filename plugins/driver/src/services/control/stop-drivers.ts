import { setTimeout as sleep } from 'node:timers/promises';
import { OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { type WireClient, WireError } from '@etcdperf/core/wire';
import type { DriverContext } from '../driver-context.ts';
import { parseDriverState } from '../resume/parse-driver-state.ts';
import { connectControl } from './connect-control.ts';
import { controlPrefix } from './control-keys.ts';
import type { DriverConfirmation, DriverRecord } from './driver-record.ts';
import { type DriverSurvey, surveyDrivers } from './list-drivers.ts';
import { Trouble } from './trouble.ts';

export interface StopSettings {
  readonly controlAccess: ClusterAccess;
  readonly endKey: string;
  /** How long drivers may take to end. */
  readonly timeoutMs: number;
  /** When all have ended the end key is deleted, and what they left there. */
  readonly isCleared: boolean;
}

/** What became of a driver. */
export type StoppedDriver = Pick<DriverRecord, 'name' | 'host' | 'pid' | 'phase' | 'startedAt'> &
  (
    | ({ readonly status: 'confirmed' } & Pick<DriverConfirmation, 'ending' | 'endedAt' | 'counters'>)
    /** Its registration is gone, and it did not say how its run ended: it was killed or interrupted. */
    | { readonly status: 'gone' }
    | { readonly status: 'running' }
  );

export interface StopReport {
  readonly endKey: string;
  readonly drivers: readonly StoppedDriver[];
  readonly isCleared: boolean;
  readonly durationMs: number;
}

const LOOK_EVERY_MS = 500;
/** A driver that lost its registration while the cluster was away has it again by then. */
const GONE_AFTER_MS = 4000;

/**
 * Writes the end key, then waits until every driver that is registered for it has confirmed, or is gone. Rejects with an
 * OperationError when the end key can't be written, with the signal's reason, and no more: drivers that do not end are
 * in the report.
 */
export async function stopDrivers(settings: StopSettings, context: DriverContext): Promise<StopReport> {
  const { controlAccess, endKey, timeoutMs, isCleared } = settings;
  const { signal, onStep } = context;
  const startedAt = performance.now();
  onStep(`writing ${endKey}`);
  await using client = await connectControl(controlAccess, signal);
  // Written first: who registers later finds it.
  await client.put(endKey, 'true', { signal }).catch((cause: unknown) => {
    throw cause instanceof WireError && cause.reason === 'no-space' ? full(cause, endKey) : cause;
  });
  const seen = new Map<string, SeenDriver>();
  const trouble = new Trouble('asking for the drivers', 'it goes on', context.onInfo);
  for (;;) {
    try {
      note(seen, await surveyDrivers(client, endKey, signal), performance.now());
      trouble.worked();
      const left = [...seen.values()].filter((driver) => !isSettled(driver, performance.now()));
      if (left.length === 0) break;
      onStep(`${seen.size - left.length} of ${seen.size} drivers have ended, not ${namesOf(left)}`);
    } catch (error) {
      signal.throwIfAborted();
      trouble.failed(error);
    }
    if (performance.now() - startedAt >= timeoutMs) break;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
  const drivers = [...seen.values()].map(stoppedDriver);
  const mayClear = isCleared && drivers.every(({ status }) => status !== 'running');
  if (mayClear) await clear(client, endKey, signal);
  return { endKey, drivers, isCleared: mayClear, durationMs: Math.round(performance.now() - startedAt) };
}

function full(cause: WireError, endKey: string): OperationError {
  return new OperationError(`${endKey} can't be written: ${cause.message}`, {
    where: cause.where,
    hint: 'disarm the alarm when there is room again, or end drivers by a signal; a control cluster of their own (--control-endpoints) is not filled by them',
    cause,
  });
}

interface SeenDriver {
  record: DriverRecord;
  confirmation: DriverConfirmation | undefined;
  /** performance.now() of when it was missed first; undefined: it is there. */
  missedAt: number | undefined;
}

function note(seen: Map<string, SeenDriver>, { live, confirmed }: DriverSurvey, now: number): void {
  for (const record of live)
    if (!seen.has(record.id)) seen.set(record.id, { record, confirmation: undefined, missedAt: undefined });
  const records = new Map(live.map((record) => [record.id, record]));
  for (const [id, driver] of seen) {
    const record = records.get(id);
    driver.confirmation ??= confirmed.get(id);
    if (record === undefined) driver.missedAt ??= now;
    else {
      driver.record = record;
      driver.missedAt = undefined;
    }
  }
}

function isSettled({ confirmation, missedAt }: SeenDriver, now: number): boolean {
  return confirmation !== undefined || (missedAt !== undefined && now - missedAt >= GONE_AFTER_MS);
}

function stoppedDriver({ record, confirmation, missedAt }: SeenDriver): StoppedDriver {
  const { name, host, pid, phase, startedAt } = record;
  const driver = { name, host, pid, phase, startedAt };
  if (confirmation !== undefined) {
    const { ending, endedAt, counters } = confirmation;
    return { ...driver, status: 'confirmed', ending, endedAt, counters };
  }
  return { ...driver, status: missedAt === undefined ? 'running' : 'gone' };
}

function namesOf(drivers: readonly SeenDriver[]): string {
  const names = drivers.slice(0, 3).map(({ record }) => record.name);
  return drivers.length > names.length ? `${names.join(', ')}, …` : names.join(', ');
}

/** States of runs that are over go, too: else they could not be begun anew. */
async function clear(client: WireClient, endKey: string, signal: AbortSignal): Promise<void> {
  const { kvs } = await client.range(controlPrefix('state', endKey), { prefix: true, signal });
  const over = kvs.filter(({ key, value }) => isOver(value.toString('utf8'), key.toString('utf8')));
  for (const { key, modRevision } of over)
    await client.txn({
      compare: [{ key, target: 'mod', is: '=', value: modRevision }],
      success: [{ kind: 'delete', key }],
    });
  await client.txn({
    success: [
      { kind: 'delete', key: controlPrefix('done', endKey), prefix: true },
      { kind: 'delete', key: endKey },
    ],
  });
}

function isOver(state: string, place: string): boolean {
  try {
    return parseDriverState(state, place).phase === 'done';
  } catch {
    return false;
  }
}
