import { InputError } from '@etcdperf/core/errors';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { DriverState, Gap, StateStore } from './driver-state.ts';

/** Throws InputError where a state is not of this very workload, or of a run that is over. */
export function checkState(state: DriverState, space: PatternSpace, seed: number, store: StateStore): void {
  const why = refusal(state, space, seed);
  if (why === undefined) return;
  throw new InputError(`${why}: there is nothing to resume`, {
    where: store.place,
    hint: `to begin anew, leave out --resume-from, or ${store.howToForget}`,
  });
}

function refusal(state: DriverState, space: PatternSpace, seed: number): string | undefined {
  const { name, pattern, keys, phase, savedAt } = state;
  if (pattern !== space.text) return `the saved state of '${name}' is of another pattern, '${pattern}'`;
  if (state.seed !== seed) return `the saved state of '${name}' is of seed ${state.seed}, not ${seed}`;
  if (keys !== space.size) return `the saved state of '${name}' is of ${keys} keys, not ${space.size}`;
  return phase === 'done' ? `the run of '${name}' is over since ${savedAt}` : undefined;
}

/** When nobody made load: by the clocks of two processes, perhaps on two hosts; never less than nothing. */
export function gapSince(state: DriverState, nowMs: number): Gap {
  const to = Math.max(nowMs, Date.parse(state.savedAt));
  return { from: state.savedAt, to: new Date(to).toISOString() };
}
