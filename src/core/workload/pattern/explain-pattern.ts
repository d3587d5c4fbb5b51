import { databaseGrowth } from '../database-growth.ts';
import type { PatternLevel, PatternSpace } from './pattern-space.ts';

/** How many keys are looked at for averages: of sizes that vary. */
const SAMPLES = 1000;
const MOST_EXAMPLES = 3;

export interface ExplainedLevel {
  readonly level: number;
  readonly text: string;
  readonly kind: PatternLevel['kind'];
  /** Children of each node of the level above. */
  readonly count: number;
  /** In all. */
  readonly nodes: number;
  readonly keysBelow: number;
  /** Names of the first, a middle and the last child of the first node above; of generated ones, of several nodes. */
  readonly examples: readonly string[];
}

/** `mean` is that of a sample where sizes vary; `total` is that of each key written once. */
export interface ExplainedBytes {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly total: number;
}

export interface ExampleKey {
  readonly number: number;
  readonly key: string;
  readonly value: string;
}

/** What a pattern makes. */
export interface PatternExplanation {
  readonly pattern: string;
  readonly levels: readonly ExplainedLevel[];
  readonly keys: number;
  readonly keyBytes: ExplainedBytes;
  readonly valueBytes: ExplainedBytes;
  /** About what a member's database grows by when each key is written once. */
  readonly databaseBytes: number;
  /** From the first key to the last. */
  readonly examples: readonly ExampleKey[];
}

/** @param examples how many keys are shown, with the value that their first write has */
export function explainPattern(space: PatternSpace, examples = MOST_EXAMPLES): PatternExplanation {
  const { size, values } = space;
  const scratch = Buffer.alloc(Math.max(space.maxKeyBytes, values.maxBytes));
  const sample = spread(size, SAMPLES);
  const keyBytes = explainBytes(size, sample, (key) => space.keyBytesOf(key));
  const valueBytes = explainBytes(size, sample, (key) => values.bytesOf(key, key));
  return {
    pattern: space.text,
    levels: space.levels.map(({ text, kind, count }, level) => ({
      level,
      text,
      kind,
      count,
      nodes: space.nodesAt(level),
      keysBelow: space.keysBelow(level),
      examples: spread(count > 1 ? count : space.nodesAt(level), MOST_EXAMPLES).map((node) => {
        const path = scratch.toString('utf8', 0, space.writeNode(scratch, 0, level, node));
        return path.slice(path.lastIndexOf('/') + 1);
      }),
    })),
    keys: size,
    keyBytes,
    valueBytes: { ...valueBytes, min: values.minBytes, max: values.maxBytes },
    databaseBytes: Math.round(databaseGrowth(size, keyBytes.total + valueBytes.total)),
    examples: spread(size, examples).map((number) => ({
      number,
      key: scratch.toString('utf8', 0, space.writeKey(scratch, 0, number)),
      value: scratch.toString('utf8', 0, values.write(scratch, 0, number, number)),
    })),
  };
}

function explainBytes(size: number, sample: readonly number[], bytesOf: (key: number) => number): ExplainedBytes {
  const sizes = sample.map(bytesOf);
  const mean = sizes.reduce((sum, bytes) => sum + bytes, 0) / sizes.length;
  const [min, max] = [Math.min(...sizes), Math.max(...sizes)];
  return { min, max, mean: Number(mean.toFixed(1)), total: Math.round(mean * size) };
}

/** `count` of the numbers 0 to `size - 1`, evenly, the first and the last among them. */
function spread(size: number, count: number): number[] {
  const chosen = Math.min(size, count);
  if (chosen <= 1) return chosen === 1 ? [0] : [];
  return Array.from({ length: chosen }, (_, i) => Math.floor((i * (size - 1)) / (chosen - 1)));
}
