import * as Args from '@oclif/core/args';
import { parse } from '@oclif/core/parser';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors/index.ts';
import { clusterFlags } from './cluster-flags.ts';
import { errorReport } from './error-report.ts';
import { loadFlags, targetFrom } from './load-flags.ts';
import { loadPlanFrom } from './load-plan-from.ts';

async function flagsOf(...argv: string[]) {
  return (await parse(argv, { flags: { ...clusterFlags, ...loadFlags }, args: {}, strict: true })).flags;
}

async function planOf(...argv: string[]) {
  return loadPlanFrom(await flagsOf(...argv));
}

describe('the plan', () => {
  test('of no flags is that of etcd’s own tool', async () => {
    expect(await planOf()).toEqual({
      pace: { kind: 'closed' },
      end: { kind: 'total', requests: 10_000 },
      warmupMs: 0,
      connections: 1,
      clients: 1,
      maxInFlight: 1,
      timeoutMs: 5000,
      threads: 1,
      seed: 1,
    });
    expect(loadPlanFrom(await flagsOf(), { total: 1000 }).end).toEqual({ kind: 'total', requests: 1000 });
  });

  test('of its flags', async () => {
    const argv = '--conns 100 --clients 1000 --duration 1m --warmup 5s --timeout 2s --threads 2 --seed 7'.split(' ');
    expect(await planOf(...argv)).toMatchObject({
      end: { kind: 'duration', ms: 60_000 },
      warmupMs: 5000,
      connections: 100,
      clients: 1000,
      maxInFlight: 1000,
      timeoutMs: 2000,
      threads: 2,
      seed: 7,
    });
    // Connections that carry nothing are allowed, as etcd's own tool allows them.
    expect(await planOf('--connections', '10', '--warmup', '0')).toMatchObject({
      connections: 10,
      clients: 1,
      warmupMs: 0,
    });
  });

  test.each([
    ['5000', 5000],
    ['5000/s', 5000],
    ['100/m', 100 / 60],
    ['7200/h', 2],
    ['0.5', 0.5],
  ])('at a rate of %s', async (rate, ratePerSec) => {
    expect((await planOf('--rate', rate)).pace).toEqual({ kind: 'open', ratePerSec });
  });

  test('a rate of 0 is none; with one, clients are what may be in flight', async () => {
    expect(await planOf('--rate', '0')).toMatchObject({ pace: { kind: 'closed' }, maxInFlight: 1 });
    expect((await planOf('--rate', '10')).maxInFlight).toBe(10_000);
    expect((await planOf('--rate', '10', '--max-in-flight', '7')).maxInFlight).toBe(7);
    expect((await planOf('--rate', '10', '--clients', '7')).maxInFlight).toBe(7);
  });

  test.each([
    ['--total 5 --duration 1s', ['--total', '--duration']],
    ['--max-in-flight 5', ['--max-in-flight', '--rate']],
    ['--max-in-flight 5 --rate 0', ['--max-in-flight', '--rate']],
    ['--rate 5 --max-in-flight 5 --clients 5', ['--max-in-flight', '--clients']],
    ['--threads 2', ['--threads', '--connections']],
    ['--target all --target-leader', ['--target', '--target-leader']],
    ['--sample --interval-format csv', ['--sample', '--interval-format']],
  ])('%s contradicts itself, and both flags are named', async (argv, names) => {
    const report = errorReport(await planOf(...argv.split(' ')).catch((error: unknown) => error));
    expect(report.exitCode).toBe(2);
    for (const name of names) expect(`${report.where} ${report.message}`).toContain(name);
  });

  test.each([
    '--total 0',
    '--total=-5',
    '--total many',
    '--total 1.5',
    '--clients 0',
    '--connections 0',
    '--connections=-1',
    '--rate=-1',
    '--rate NaN',
    '--rate 5/d',
    '--rate 1e9',
    '--rate 99999999999',
    '--duration 0s',
    '--duration=-1s',
    '--duration 10',
    '--warmup=-1s',
    '--timeout 0s',
    '--threads 0',
    '--seed=-1',
    '--interval 0s',
    '--threshold p99',
    '--target=',
    '--interval-format xml',
  ])('%s is wrong input', async (argv) => {
    const error: unknown = await planOf(...argv.split(' ')).catch((caught: unknown) => caught);
    const report = errorReport(error);
    expect(report.exitCode).toBe(2);
    expect(`${report.where} ${report.message}`).toContain(argv.split(/[ =]/)[0]);
  });
});

test('thresholds are given again and again', async () => {
  const { threshold } = await flagsOf('--threshold', 'p99<50ms', '--threshold', 'abort:fail<1');
  expect(threshold?.map(({ text, abort }) => [text, abort])).toEqual([
    ['p99<50ms', false],
    ['abort:fail<1', true],
  ]);
});

test('an argument may follow a threshold', async () => {
  const { args } = await parse(['--threshold', 'p99<50ms', 'foo'], {
    flags: loadFlags,
    args: { key: Args.string() },
    strict: true,
  });
  expect(args).toEqual({ key: 'foo' });
});

test('the target', async () => {
  expect(targetFrom(await flagsOf())).toEqual({ kind: 'all' });
  expect(targetFrom(await flagsOf('--target', 'followers'))).toEqual({ kind: 'followers' });
  expect(targetFrom(await flagsOf('--target', 'node3'))).toEqual({ kind: 'member', name: 'node3' });
  expect(targetFrom(await flagsOf('--target-leader'))).toEqual({ kind: 'leader' });
});

test('a password on the command line is refused, and not repeated', async () => {
  const error: unknown = await flagsOf('--user', 'root:correct-horse').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(InputError);
  const report = errorReport(error);
  expect(report).toMatchObject({ exitCode: 2, where: '--user', hint: expect.stringContaining('--password-file') });
  expect(JSON.stringify(report)).not.toContain('correct-horse');
  expect((await flagsOf('--user', 'root')).user).toBe('root');
});
