// npm run perf -- harness --row NAME [--runs N]: what the care of clusters costs beside the same done by hand.
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** What every file of this folder but this one exports as `measureRow`; true where its limit was kept. */
export type MeasureRow = (options: { readonly runs: number; readonly signal: AbortSignal }) => Promise<boolean>;

const { values } = parseArgs({
  options: { row: { type: 'string', default: '' }, runs: { type: 'string', default: '5' } },
});
const rows = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('-row.ts'))
  .map((file) => file.slice(0, -'-row.ts'.length));

if (!rows.includes(values.row) || !existsSync(new URL(`./${values.row}-row.ts`, import.meta.url))) {
  process.stderr.write(`usage: npm run perf -- harness --row NAME [--runs N]\nrows: ${rows.join(', ')}\n`);
  process.exitCode = 2;
} else {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
  const { measureRow } = (await import(`./${values.row}-row.ts`)) as { measureRow: MeasureRow };
  process.exitCode = (await measureRow({ runs: Number(values.runs), signal: interrupted.signal })) ? 0 : 3;
}
