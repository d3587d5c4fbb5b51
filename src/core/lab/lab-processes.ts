import { readdir, readFile } from 'node:fs/promises';

/** The processes of one lab as they are now, by pid in this machine's own numbering. */
export interface LabProcesses {
  /** The lab's own PID 1: with it, everything ends. */
  readonly switchPid: number | undefined;
  /** Host name → the host's PID 1. */
  readonly hostPids: ReadonlyMap<string, number>;
  /** Every process that carries the lab's mark, the above among them. */
  readonly marked: readonly number[];
}

/** The argument that a lab's processes carry, so that they are found even when the lab's folder is gone. */
export function labMark(dir: string, host?: string): string {
  return host === undefined ? `etcdperf-lab:${dir}` : `etcdperf-lab:${dir}:${host}`;
}

/**
 * Looks through /proc for the lab's processes. A PID 1 is one whose innermost pid is 1, so a recycled pid can't be
 * mistaken for it.
 */
export async function findLabProcesses(dir: string): Promise<LabProcesses> {
  const mark = labMark(dir);
  let switchPid: number | undefined;
  const hostPids = new Map<string, number>();
  const marked: number[] = [];
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  await Promise.all(
    pids.map(async (pid) => {
      const cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const own = cmdline.split('\0').find((arg) => arg === mark || arg.startsWith(`${mark}:`));
      if (own === undefined) return;
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      if (/^State:\s+[ZX]/m.test(status)) return;
      marked.push(pid);
      const nested = /^NSpid:((?:\s+\d+)+)$/m.exec(status)?.[1]?.trim().split(/\s+/) ?? [];
      if (nested.length < 2 || nested.at(-1) !== '1') return;
      if (own === mark) switchPid = pid;
      else hostPids.set(own.slice(mark.length + 1), pid);
    }),
  );
  return { switchPid, hostPids, marked };
}
