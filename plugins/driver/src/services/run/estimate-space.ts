import type { PatternSpace } from '@etcdperf/core/workload';
import { sizeText } from '../size-text.ts';

/** What loading keys will write. */
export interface SpaceEstimate {
  /** Of keys and values. */
  readonly bytes: number;
  /** For people. */
  readonly text: string;
}

/** Of so many keys of a space, by the average of some of them. */
export function estimateSpace(space: PatternSpace, keys: number): SpaceEstimate {
  const { values } = space;
  const valueBytes = (values.minBytes + values.maxBytes) / 2;
  const keyBytes = averageKeyBytes(space);
  const bytes = Math.round(keys * (keyBytes + valueBytes));
  const text = `${keys} keys to load of ${keyBytes.toFixed(0)} bytes each, with values of ${sizes(values)}: ${sizeText(bytes)} in all`;
  return { bytes, text };
}

const SAMPLES = 100;

function averageKeyBytes(space: PatternSpace): number {
  const count = Math.min(SAMPLES, space.size);
  let bytes = 0;
  for (let sample = 0; sample < count; sample += 1)
    bytes += space.keyBytesOf(Math.floor((sample * space.size) / count));
  return bytes / count;
}

function sizes({ minBytes, maxBytes }: PatternSpace['values']): string {
  return minBytes === maxBytes ? `${minBytes} bytes` : `${minBytes} to ${maxBytes} bytes`;
}
