import type { Finding, LoadReport } from '../load/index.ts';
import { formatMs } from '../stats/index.ts';
import { isMissing, perSec } from './render-load-figures.ts';
import { renderTable } from './table.ts';

/** Why a load ended, where it was not simply over. */
export function endingLines(ending: LoadReport['ending']): string[] {
  switch (ending.kind) {
    case 'complete':
      return [];
    case 'interrupted':
      return ['interrupted: these are the figures until then'];
    case 'aborted':
      return [`aborted, since an interval missed the threshold ${ending.threshold}`];
    case 'stopped':
      return [`stopped: ${ending.reason}${ending.hint === undefined ? '' : ` (${ending.hint})`}`];
    default:
      return ending satisfies never;
  }
}

/** What went wrong, and how often. */
export function renderErrors({ errors: all }: Pick<LoadReport, 'errors'>): string {
  if (all.length === 0) return '';
  return renderTable(
    [
      { title: 'errors', align: 'right', value: (error: (typeof all)[number]) => error.count },
      { title: '', value: (error) => error.outcome },
      { title: '', value: (error) => error.message },
    ],
    all,
  );
}

/** What the preflight found, with what to do about it. */
export function renderFinding({ message, hint }: Finding): string {
  return hint === undefined ? `note: ${message}` : `note: ${message} (${hint})`;
}

/** What was asked of the load, and whether it did it. */
export function renderThresholds({ thresholds: all }: Pick<LoadReport, 'thresholds'>): string {
  if (all.length === 0) return '';
  return renderTable(
    [
      { title: 'threshold', value: (one: (typeof all)[number]) => one.text },
      { title: 'series', value: (one) => one.series },
      { title: 'measured', align: 'right', value: (one) => measured(one) },
      { title: '', value: (one) => (one.isMet ? 'met' : 'MISSED') },
    ],
    all,
  );
}

/** In the unit of the threshold's own limit. */
function measured({ text, actual }: LoadReport['thresholds'][number]): string {
  if (isMissing(actual)) return 'nothing';
  if (text.endsWith('%')) return `${Number(actual.toFixed(4))} %`;
  if (/rate\s*[<>]/.test(text)) return perSec(actual);
  return /(ns|us|µs|ms|s|m|h)$/.test(text) ? formatMs(actual) : String(actual);
}
