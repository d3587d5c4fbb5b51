import type { ClockOffset } from './clock-reading.ts';

/** One question and its answer. All times are unix milliseconds. */
export interface Exchange {
  /** This machine's clock when it asked, and when the answer was there. */
  readonly sentMs: number;
  readonly receivedMs: number;
  /** That host's clock in between, and how coarse it is. */
  readonly hostMs: number;
  readonly resolutionMs: number;
}

/**
 * A host's clock against this machine's: the exchange with the smallest possible error wins, its host time taken to be
 * in the middle. Whatever the two ways took, the true offset lies within the error bar. Throws on an empty list.
 */
export function compareExchanges(exchanges: readonly Exchange[]): ClockOffset {
  const offsets = exchanges.map(({ sentMs, receivedMs, hostMs, resolutionMs }) => ({
    offsetMs: hostMs + resolutionMs / 2 - (sentMs + receivedMs) / 2,
    errorBarMs: (receivedMs - sentMs + resolutionMs) / 2,
  }));
  const best = offsets.sort((a, b) => a.errorBarMs - b.errorBarMs)[0];
  if (best === undefined) throw new RangeError('no exchanges');
  return best;
}
