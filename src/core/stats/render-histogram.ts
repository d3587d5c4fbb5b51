import { formatNs } from './format-duration.ts';
import type { LatencyRecorder } from './latency-recorder.ts';

export interface HistogramOptions {
  /** Columns that the whole drawing may take. Default 72. */
  readonly width?: number;
  /** `auto` takes even steps where the biggest is at most 20 times the smallest, else steps of 1, 2, 5, 10, … */
  readonly scale?: 'auto' | 'linear' | 'log';
  /** At most so many lines with even steps. Default 12. */
  readonly maxRows?: number;
}

interface Row {
  readonly fromNs: number;
  readonly toNs: number;
  readonly count: number;
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A histogram for a terminal: one line for each bucket with its borders, a bar, and how many. No line where empty. */
export function renderHistogram(recorder: LatencyRecorder, options: HistogramOptions = {}): string[] {
  if (recorder.count === 0) return [];
  const rows = histogramRows(recorder, options);
  const most = Math.max(...rows.map((row) => row.count));
  const labels = rows.map((row) => [formatNs(row.fromNs), formatNs(row.toNs)] as const);
  const fromWidth = Math.max(...labels.map(([from]) => from.length));
  const toWidth = Math.max(...labels.map(([, to]) => to.length));
  const countWidth = String(most).length;
  const room = Math.max(4, (options.width ?? 72) - fromWidth - toWidth - countWidth - 6);
  return rows.map((row, i) => {
    const [from, to] = labels[i]!;
    const label = `${from.padStart(fromWidth)} – ${to.padStart(toWidth)}`;
    return `${label} │${bar(row.count / most, room).padEnd(room)} ${String(row.count).padStart(countWidth)}`;
  });
}

/** Anything that isn't nothing gets at least the thinnest bar. */
function bar(share: number, room: number): string {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(share * room * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}

function histogramRows(recorder: LatencyRecorder, { scale = 'auto', maxRows = 12 }: HistogramOptions): Row[] {
  const min = recorder.percentile(0);
  const max = recorder.percentile(100);
  const even = scale === 'linear' || (scale === 'auto' && (max <= min * 20 || min < 0));
  const edges = even ? evenEdges(Math.max(min, 0), max, maxRows) : oneTwoFiveEdges(Math.max(min, 1), Math.max(max, 1));
  // The recorder holds what is negative as 0: the first bucket reaches down to it.
  const below = edges.map((edge, i) =>
    i === 0 ? 0 : i === edges.length - 1 ? recorder.count : recorder.countBelow(edge),
  );
  return edges.slice(1).map((toNs, i) => ({
    fromNs: i === 0 ? Math.min(min, edges[0]!) : edges[i]!,
    toNs,
    count: below[i + 1]! - below[i]!,
  }));
}

/** Borders on multiples of 1, 2 or 5 times a power of ten, from at most `min` to more than `max`. */
function evenEdges(min: number, max: number, maxRows: number): number[] {
  if (max < min) return [min, min + 1];
  let step = 1;
  for (let i = 0; Math.floor(max / step) - Math.floor(min / step) + 1 > maxRows; i++) step *= i % 3 === 1 ? 2.5 : 2;
  const first = Math.floor(min / step);
  const count = Math.floor(max / step) - first + 1;
  return Array.from({ length: count + 1 }, (_, i) => (first + i) * step);
}

function oneTwoFiveEdges(min: number, max: number): number[] {
  const edges: number[] = [];
  for (let i = 0; ; i++) {
    const edge = [1, 2, 5][i % 3]! * 10 ** Math.floor(i / 3);
    const next = [1, 2, 5][(i + 1) % 3]! * 10 ** Math.floor((i + 1) / 3);
    if (next > min) edges.push(edge);
    if (edge > max) return edges;
  }
}
