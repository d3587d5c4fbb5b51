import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationError } from '../errors/index.ts';
import type { LoadReport } from './load-report.ts';

/**
 * Writes a load's percentiles as Kubernetes' perfdash reads them, in a file that is named as that of etcd's own tool,
 * and resolves with its path. Rejects with an OperationError where it can't be written.
 */
export async function writePerfdashReport(report: LoadReport, dir: string): Promise<string> {
  const operation = report.command.replace(/^.*:/, '');
  const time = new Date().toISOString().replace(/\.\d+/, '');
  const path = join(dir, `EtcdAPI_benchmark_${operation}_${time}.json`);
  try {
    await mkdir(dir, { recursive: true });
    await writeFile(path, `${JSON.stringify(perfdashReport(report, operation), null, 2)}\n`);
  } catch (cause) {
    throw new OperationError(`can't write the report for perfdash: ${(cause as Error).message}`, {
      where: path,
      hint: 'choose another place: the environment variable ARTIFACTS',
      cause,
    });
  }
  return path;
}

function perfdashReport({ series }: LoadReport, operation: string) {
  return {
    version: 'v1',
    dataItems: series.map(({ name, latency }) => ({
      data: {
        Perc50: ms(latency.p50Ms),
        Perc90: ms(latency.p90Ms),
        Perc99: ms(latency.p99Ms),
        Perc999: ms(latency.p999Ms),
      },
      unit: 'ms',
      labels: { Operation: (series.length === 1 ? operation : `${operation}-${name}`).toUpperCase() },
    })),
  };
}

/** perfdash wants numbers: 0 where nothing was answered, as etcd's own tool has it. */
function ms(value: number): number {
  return Number.isNaN(value) ? 0 : Number(value.toFixed(4));
}
