import { constants } from 'node:os';
import type { DaemonState } from './daemon.ts';

/**
 * Reads what DAEMON_SCRIPT reports about one daemon: `absent`, `running <pid> <startedAt> <nofile> <nproc>` or
 * `exited <status>` and the log's tail, each of its lines after a `|`. Throws on anything else.
 */
export function parseReport(text: string): DaemonState {
  const [head = '', ...rest] = text.split('\n');
  const [kind, ...words] = head.trim().split(/\s+/);
  if (kind === 'absent') return { kind };
  if (kind === 'running') {
    const [pid, startedAt = '', nofile, nproc] = words;
    return { kind, pid: Number(pid), startedAt, limits: { nofile: limit(nofile), nproc: limit(nproc) } };
  }
  if (kind === 'exited') {
    const tail = rest.filter((line) => line.startsWith('|')).map((line) => line.slice(1));
    return { kind, ...exitStatus(words[0]), logTail: tail.join('\n') };
  }
  throw new Error(`not a daemon's report: ${JSON.stringify(text.slice(0, 200))}`);
}

/** Reads the answer to `list`: `daemon <name>`, then its report, for each. */
export function parseReports(text: string): Map<string, DaemonState> {
  const sections = text.split(/^daemon /m).slice(1);
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), parseReport(section.slice(end + 1))];
    }),
  );
}

function limit(word: string | undefined): number {
  return word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word ?? Number.NaN);
}

/** A shell's `$?`: 128 + n stands for signal n. A program that itself exits with such a code can't be told apart. */
function exitStatus(status: string | undefined): { code: number | null; signal: NodeJS.Signals | null } {
  const code = Number(status ?? Number.NaN);
  if (!Number.isInteger(code)) return { code: null, signal: null };
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128);
  return signal ? { code: null, signal: signal[0] as NodeJS.Signals } : { code, signal: null };
}
