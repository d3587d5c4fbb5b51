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

const MARK = 'etcdperf-lab:';

/** The argument that a lab's processes carry, so that they are found even when the lab's folder is gone. */
export function labMark(dir: string, host?: string): string {
  return host === undefined ? `${MARK}${dir}` : `${MARK}${dir}:${host}`;
}

/**
 * Looks through /proc for the lab's processes. A PID 1 is one whose innermost pid is 1, so a recycled pid can't be
 * mistaken for it.
 */
export async function findLabProcesses(dir: string): Promise<LabProcesses> {
  const own = (await markedProcesses()).filter((process) => process.dir === dir);
  const first = own.filter((process) => process.isPidOne);
  return {
    switchPid: first.find((process) => process.host === undefined)?.pid,
    hostPids: new Map(first.flatMap(({ host, pid }) => (host === undefined ? [] : [[host, pid] as const]))),
    marked: own.map((process) => process.pid),
  };
}

/** The folders of all labs that have processes, whether the folders are still there or not. */
export async function runningLabDirs(): Promise<string[]> {
  return [...new Set((await markedProcesses()).map((process) => process.dir))];
}

interface MarkedProcess {
  readonly pid: number;
  readonly dir: string;
  readonly host: string | undefined;
  readonly isPidOne: boolean;
}

async function markedProcesses(): Promise<MarkedProcess[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(pids.map(readMarked));
  return found.filter((process) => process !== undefined);
}

async function readMarked(pid: number): Promise<MarkedProcess | undefined> {
  const cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const mark = cmdline.split('\0').find((arg) => arg.startsWith(`${MARK}/`));
  if (mark === undefined) return undefined;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  if (status === '' || /^State:\s+[ZX]/m.test(status)) return undefined;
  const nested = /^NSpid:((?:\s+\d+)+)$/m.exec(status)?.[1]?.trim().split(/\s+/) ?? [];
  const [dir = '', host] = mark.slice(MARK.length).split(':');
  return { pid, dir, host, isPidOne: nested.length > 1 && nested.at(-1) === '1' };
}

/** The start of an argv that runs a program in the lab's own network, where the bridge is. */
export function enterNetwork(switchPid: number): string[] {
  return ['nsenter', '--target', String(switchPid), '--net', '--'];
}

/** SIGKILL; a process that is already gone is fine. */
export function killPid(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
