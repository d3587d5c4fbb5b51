import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Measured, measureProcess } from '../bench/measure-process.ts';

const SAMPLE_MS = 20;
/** The process keeps its id when it becomes the program that is measured. */
const SCRIPT = 'echo $$ >"$1"; shift; exec "$@"';

export interface MeasuredProgram extends Measured {
  /** Of the program itself, MB. */
  readonly peakRssMb: number;
}

/** Runs a program once, its output into a file: what it cost, and how much memory it took at most. */
export async function measureProgram(
  argv: readonly string[],
  folder: string,
  stdout: string,
): Promise<MeasuredProgram> {
  const pidFile = join(folder, 'pid');
  await rm(pidFile, { force: true });
  const redirected = ['bash', '-c', `${SCRIPT} >${stdout}`, 'bash', pidFile, ...argv];
  const running = measureProcess(redirected, folder);
  let isOver = false;
  const ended = running.finally(() => {
    isOver = true;
  });
  ended.catch(() => undefined);
  let peakRssMb = 0;
  while (!isOver) {
    peakRssMb = Math.max(peakRssMb, highWaterMb(pidFile));
    await sleep(SAMPLE_MS);
  }
  return { ...(await ended), peakRssMb };
}

/** The kernel keeps the highest; 0: the process is not there. */
function highWaterMb(pidFile: string): number {
  try {
    const status = readFileSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
