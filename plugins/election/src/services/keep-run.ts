import { InterruptedError } from '@etcdperf/core/errors';
import type { Run } from '@etcdperf/core/runs';

/** Does the work of a run and notes in its manifest how it ended, however it ends. */
export async function keepRun<T>(run: Run, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    run.finish({ status: 'done' });
    return result;
  } catch (error) {
    run.finish({ status: error instanceof InterruptedError ? 'interrupted' : 'failed' });
    throw error;
  }
}
