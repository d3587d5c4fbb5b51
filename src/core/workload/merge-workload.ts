import type { WorkloadParts } from './workload-parts.ts';

/** Both together; where both say something, `over` is right. Word by word: a level of `over` goes with a rate of `under`. */
export function mergeWorkload(under: WorkloadParts, over: WorkloadParts): WorkloadParts {
  return mergeMaps({ ...under }, { ...over }) as WorkloadParts;
}

type Words = Readonly<Record<string, unknown>>;

function mergeMaps(under: Words, over: Words): Words {
  const merged: Record<string, unknown> = { ...under };
  for (const [word, said] of Object.entries(over)) {
    if (said === undefined) continue;
    const before = merged[word];
    merged[word] = isMap(said) && isMap(before) ? mergeMaps(before, said) : said;
  }
  return merged;
}

function isMap(value: unknown): value is Words {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
