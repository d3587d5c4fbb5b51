import type { ClockReading } from './clock-reading.ts';

/** `apart`: too far off the reference, or off the other hosts. `unsynchronised`: follows nothing, though it should. */
export type ClockVerdict =
  | { readonly kind: 'ok' }
  | { readonly kind: 'unsynchronised' }
  | { readonly kind: 'apart'; readonly byMs: number; readonly from: string };

export interface JudgeOptions {
  readonly maxOffsetMs: number;
  /** Whether a host that follows no source is a failure. */
  readonly mustFollow: boolean;
}

/**
 * One verdict for each reading, in their order. A clock is apart when its own source says so, or when the comparison
 * with this machine differs from what most hosts show by more than the limit, errors deducted: a host whose chrony
 * believes itself right is still caught by the others.
 */
export function judgeClocks(readings: readonly ClockReading[], options: JudgeOptions): ClockVerdict[] {
  const middle = medianOf(readings.map((reading) => reading.comparison.offsetMs));
  const middleError = medianOf(readings.map((reading) => reading.comparison.errorBarMs));
  return readings.map((reading) => {
    const off = Math.abs(reading.offsetMs);
    const uncertain = reading.source === 'ssh' ? reading.comparison.errorBarMs : 0;
    if (off - uncertain > options.maxOffsetMs) {
      return { kind: 'apart', byMs: reading.offsetMs, from: reading.reference ?? 'its reference' };
    }
    const aside = reading.comparison.offsetMs - middle;
    if (Math.abs(aside) - reading.comparison.errorBarMs - middleError > options.maxOffsetMs) {
      return { kind: 'apart', byMs: aside, from: 'the other hosts' };
    }
    if (options.mustFollow && !reading.synchronised) return { kind: 'unsynchronised' };
    return { kind: 'ok' };
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (upper + lower) / 2;
}
