import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEtcd } from '@etcdperf/core/testing';
import { WireClient } from '@etcdperf/core/wire';
import { type Measured, measureProcess } from '../bench/measure-process.ts';
import type { MeasureRow } from './main.ts';

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const KEYS = 1_000_000;
const TXN_PUTS = 128;
const AT_ONCE = 16;
const QUOTA = { flags: { 'quota-backend-bytes': 8 * 2 ** 30 } };
/** Puts a second to the source, among its keys, from before the dump until after the comparison. */
const RATE = 1000;

/**
 * Random keys and values of any bytes, dumped while the source is written to, loaded into an empty cluster, and compared:
 * with the file, and with the source at the revision of the dump. True where both are the same.
 */
export const measureRow: MeasureRow = async ({ scale, folder, signal }) => {
  const keys = Math.round(KEYS * scale);
  await using source = await startEtcd(QUOTA);
  await using target = await startEtcd(QUOTA);
  await fillAtRandom(source.endpoints, keys);
  const [from, to] = [source.endpoints[0]!, target.endpoints[0]!];
  const step = async (...args: readonly string[]): Promise<Measured & { readonly report: Record<string, unknown> }> => {
    signal.throwIfAborted();
    const measured = await measureProcess([process.execPath, BIN, ...args, '--json'], folder);
    const { wallSeconds, cpuSeconds } = measured;
    console.log(`${args[0]}: ${wallSeconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s`);
    return { ...measured, report: JSON.parse(measured.stdout) };
  };
  const before = await revisionOf(from);
  const load = putMeanwhile(from, folder);
  try {
    while ((await revisionOf(from)) < before + RATE) await sleep(100, undefined, { signal });
    const { report } = await step('backup:dump', `--endpoints=${from}`, '--output', 'all.csv.gz');
    const { revision, keys: dumped } = report as { revision: number; keys: number };
    await step('backup:load', 'all.csv.gz', `--endpoints=${to}`, `--runs-dir=${join(folder, 'runs')}`);
    const withFile = await step('backup:compare', 'all.csv.gz', to);
    const withSource = await step('backup:compare', from, to, '--revision-a', `${revision}`);
    const written = (await revisionOf(from)) - revision;
    const isSame = withFile.report.isSame === true && withSource.report.isSame === true;
    console.log(
      `${dumped} keys at revision ${revision}, ${written} more puts until the end: ${isSame ? 'the same' : 'DIFFERENT'}`,
    );
    return isSame && dumped >= keys && written > 0;
  } finally {
    load.kill('SIGINT');
    if (load.exitCode === null) await once(load, 'exit');
  }
};

function putMeanwhile(endpoint: string, folder: string): ChildProcess {
  const args = ['bench:put', `--endpoints=${endpoint}`, `--rate=${RATE}`, '--duration=1h', '--prefix=load/'];
  return spawn(process.execPath, [BIN, ...args, '--key-space-size=1000', `--runs-dir=${join(folder, 'runs')}`], {
    stdio: 'ignore',
  });
}

async function revisionOf(endpoint: string): Promise<number> {
  await using client = await WireClient.connect({ endpoints: [endpoint] });
  return (await client.range('load/')).header.revision;
}

async function fillAtRandom(endpoints: readonly string[], keys: number): Promise<void> {
  await using client = await WireClient.connect({ endpoints, requestTimeoutMs: 60_000 });
  let next = 0;
  const work = async () => {
    while (next < keys) {
      const puts = Math.min(TXN_PUTS, keys - next);
      next += puts;
      await client.txn({
        success: Array.from({ length: puts }, () => {
          // Long enough that no two are the same.
          const key = randomBytes(randomInt(12, 64));
          return { kind: 'put', key, value: randomBytes(randomInt(512)) } as const;
        }),
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
