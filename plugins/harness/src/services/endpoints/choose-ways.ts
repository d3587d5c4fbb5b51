import { type TriedWay, WAY_KINDS, type WayKind } from './endpoints-report.ts';

/** Those that end with the command, or with the pod. */
const PASSING: ReadonlySet<WayKind> = new Set(['pod', 'forward']);

/** The URLs that work of the most preferred kind that has any. */
export function chooseWays(ways: readonly TriedWay[]): string[] {
  for (const kind of WAY_KINDS.filter((one) => !PASSING.has(one))) {
    const urls = ways.filter((way) => way.kind === kind && way.result.kind === 'works').map(({ url }) => url);
    if (urls.length > 0) return [...new Set(urls)];
  }
  return [];
}
