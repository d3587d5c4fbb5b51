import { InputError } from '@etcdperf/core/errors';
import type { PatternSpace } from '@etcdperf/core/workload';
import type { DriverState, Gap } from './driver-state.ts';

/** Throws InputError where a state is not of this very workload, or of a run that is over. */
export function checkState(state: DriverState, space: PatternSpace, seed: number, place: string | undefined): void {
  const hint = `begin anew without --resume-from, or delete the state; it was saved at ${state.savedAt}`;
  const refuse = (message: string) => new InputError(message, { where: place, hint });
  if (state.pattern !== space.text)
    throw refuse(`the saved state is of another pattern: '${state.pattern}', now '${space.text}'`);
  if (state.seed !== seed) throw refuse(`the saved state is of seed ${state.seed}, now ${seed}`);
  if (state.keys !== space.size) throw refuse(`the saved state is of ${state.keys} keys, now there are ${space.size}`);
  if (state.phase === 'done')
    throw new InputError(`the run of '${state.name}' is over since ${state.savedAt}: there is nothing to resume`, {
      where: place,
      hint: 'begin anew without --resume-from, or forget it with etcdperf driver:stop --clear',
    });
}

/** When nobody made load: by the clocks of two processes, perhaps on two hosts; never less than nothing. */
export function gapSince(state: DriverState, nowMs: number): Gap {
  const to = Math.max(nowMs, Date.parse(state.savedAt));
  return { from: state.savedAt, to: new Date(to).toISOString() };
}
