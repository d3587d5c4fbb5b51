import type { ClockReading } from './clock-reading.ts';

/** sntp and ntpsec's ntpdate: `2026-11-21 10:00:00.1 (+0000) +0.001234 +/- 0.025 ntp.example 192.0.2.1 s2 no-leap`. */
const WITH_ERROR = /\)\s+([+-]?\d+(?:\.\d+)?)\s+\+\/-\s+(\d+(?:\.\d+)?)\s+(\S+)(?:\s+\d\S*)?\s+s(\d+)\b/g;
/** The older ntpdate: `server 192.0.2.1, stratum 2, offset -0.001234, delay 0.02567`. */
const WITH_DELAY = /server\s+([^\s,]+),\s+stratum\s+(\d+),\s+offset\s+([+-]?\d+(?:\.\d+)?),\s+delay\s+(\d+(?:\.\d+)?)/g;

/**
 * Reads what `ntpdate -q` or `sntp` printed: the answer with the smallest error. Undefined where no server answered
 * (ntpdate prints those with stratum 0). Their offset is what must be added to the clock: positive where it is slow.
 */
export function parseNtpQuery(text: string): Omit<ClockReading, 'comparison'> | undefined {
  const answers = [
    ...[...text.matchAll(WITH_ERROR)].map(([, offset, error, server, stratum]) => ({
      ...{ offset: Number(offset), error: Number(error), server, stratum: Number(stratum) },
    })),
    ...[...text.matchAll(WITH_DELAY)].map(([, server, stratum, offset, delay]) => ({
      ...{ offset: Number(offset), error: Number(delay) / 2, server, stratum: Number(stratum) },
    })),
  ].filter((answer) => answer.stratum > 0 && answer.stratum < 16);
  const best = answers.sort((a, b) => a.error - b.error)[0];
  if (best === undefined) return undefined;
  return {
    source: 'ntp',
    offsetMs: best.offset === 0 ? 0 : -best.offset * 1000,
    errorBarMs: (Math.abs(best.offset) + best.error) * 1000,
    synchronised: true,
    ...(best.server !== undefined && { reference: best.server }),
  };
}
