// npm run perf -- backup --row NAME [--pairs N] [--scale 0.1]: dumps and loads beside etcdctl and bench:txn-put, and a round
// trip. `--scale` is the part of the keys that there are: for trying out.
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** What every `*-row.ts` of this folder exports as `measureRow`; true where its limits were kept. */
export type MeasureRow = (options: RowOptions) => Promise<boolean>;

export interface RowOptions {
  readonly pairs: number;
  /** 1: as many keys as the limits are for. */
  readonly scale: number;
  /** For files; it is removed afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const { values } = parseArgs({
  options: {
    row: { type: 'string', default: '' },
    pairs: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
  },
});
const rows = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('-row.ts'))
  .map((file) => file.slice(0, -'-row.ts'.length));

if (!rows.includes(values.row)) {
  process.stderr.write(
    `usage: npm run perf -- backup --row NAME [--pairs N] [--scale 0.1]\nrows: ${rows.join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-backup-'));
  try {
    const { measureRow } = (await import(`./${values.row}-row.ts`)) as { measureRow: MeasureRow };
    const options = { pairs: Number(values.pairs), scale: Number(values.scale), folder, signal: interrupted.signal };
    process.exitCode = (await measureRow(options)) ? 0 : 3;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
