import { InputError } from '@etcdperf/core/errors';
import type { DriverState } from './driver-state.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isTime: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const CHECKS: Readonly<Record<keyof DriverState, Check>> = {
  version: (value) => value === 1,
  name: isText,
  writer: isText,
  pattern: isText,
  keys: isCount,
  seed: Number.isSafeInteger,
  ip: (value) => typeof value === 'string',
  phase: (value) => value === 'load' || value === 'steady' || value === 'done',
  loaded: isCount,
  churned: isCount,
  nextWrite: isCount,
  counters: (value) => isObject(value) && Object.values(value as object).every(Number.isFinite),
  startedAt: isTime,
  savedAt: isTime,
  gaps: (value) => Array.isArray(value) && value.every((gap) => isObject(gap) && isTime(gap.from) && isTime(gap.to)),
};

/** Throws InputError that names `place`, and the field, for what no driver of this version has written. */
export function parseDriverState(text: string, place: string): DriverState {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw damaged(`it is no JSON: ${(cause as Error).message}`, place, cause);
  }
  if (!isObject(state)) throw damaged('it is no object', place);
  const fields = state as Readonly<Record<string, unknown>>;
  const bad = Object.entries(CHECKS).find(([field, isGood]) => !isGood(fields[field]));
  if (bad !== undefined) throw damaged(`${bad[0]} is ${JSON.stringify(fields[bad[0]]) ?? 'missing'}`, place);
  return state as DriverState;
}

function damaged(why: string, place: string, cause?: unknown): InputError {
  return new InputError(`the saved state is damaged: ${why}`, {
    where: place,
    hint: 'delete it to begin anew',
    cause,
  });
}
