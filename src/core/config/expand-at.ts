import { expandHostRange, HostRangeError, splitHostList } from './host-range.ts';
import type { Reading } from './reading.ts';
import type { KeyPath } from './yaml-source.ts';

/** Expands a list with ranges, noting what can't be. */
export function expandAt(pattern: string, at: KeyPath, reading: Reading, part: 'key' | 'value' = 'value'): string[] {
  try {
    return splitHostList(pattern).flatMap(expandHostRange);
  } catch (error) {
    if (!(error instanceof HostRangeError)) throw error;
    reading.problem(at, error.message, { part });
    return [];
  }
}
