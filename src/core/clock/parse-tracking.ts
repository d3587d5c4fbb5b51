import type { ClockReading } from './clock-reading.ts';

/**
 * Reads one line of `chronyc -c tracking`: reference id, name, stratum, time, *system time*, last offset, RMS offset,
 * frequency, residual, skew, *root delay*, *root dispersion*, update interval, *leap status*; times in seconds. Undefined
 * where it isn't such a line (chronyd isn't running). Its system time is positive where the clock is slow.
 */
export function parseTracking(line: string): Omit<ClockReading, 'comparison'> | undefined {
  const fields = line.trim().split(',');
  const [systemTime, rootDelay, rootDispersion] = [fields[4], fields[10], fields[11]].map(seconds);
  if (fields.length < 14 || systemTime === undefined || rootDelay === undefined || rootDispersion === undefined) {
    return undefined;
  }
  const leap = fields[13];
  const reference = fields[1] || fields[0];
  return {
    source: 'chrony',
    offsetMs: systemTime === 0 ? 0 : -systemTime * 1000,
    errorBarMs: (Math.abs(systemTime) + rootDispersion + rootDelay / 2) * 1000,
    synchronised: leap === 'Normal' || leap === 'Insert second' || leap === 'Delete second',
    ...(reference && { reference }),
  };
}

function seconds(field: string | undefined): number | undefined {
  const value = Number(field);
  return field?.trim() && Number.isFinite(value) ? value : undefined;
}
