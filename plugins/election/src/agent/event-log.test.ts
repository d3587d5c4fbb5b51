import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseElectionEvent } from '../protocol/index.ts';
import { EventLog } from './event-log.ts';
import { WallClock } from './wall-clock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

const noProblem = (error: Error) => {
  throw error;
};

test('events are on disk soon, without being closed', async () => {
  const file = join(folder, 'events.jsonl');
  const log = new EventLog(file, new WallClock(), noProblem);
  log.write({ e: 'recorded', identity: 'a-1', round: 2 });
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toMatch(/\n$/), 5000);
  const event = parseElectionEvent(await readFile(file, 'utf8'));
  expect(event).toMatchObject({ e: 'recorded', identity: 'a-1', round: 2 });
  expect(Math.abs(Number(event?.tNs) / 1e6 - Date.now())).toBeLessThan(60_000);
  log.close();
});

test('thousands of events at once all arrive, in order, behind what was there', async () => {
  const file = join(folder, 'events.jsonl');
  for (const from of [0, 5000]) {
    const log = new EventLog(file, new WallClock(), noProblem);
    for (let round = from; round < from + 5000; round++) log.write({ e: 'recorded', identity: 'a', round }, round);
    log.close();
  }
  const events = (await readFile(file, 'utf8')).trimEnd().split('\n').map(parseElectionEvent);
  expect(events.map((event) => event && 'round' in event && event.round)).toEqual(
    Array.from({ length: 10_000 }, (_, n) => n),
  );
});

test('a full disk is told once and does not end the process', () => {
  const problems: Error[] = [];
  const log = new EventLog('/dev/full', new WallClock(), (error) => problems.push(error));
  for (let round = 0; round < 3; round++) {
    log.write({ e: 'recorded', identity: 'a', round });
    log.flush();
  }
  log.close();
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('ENOSPC')]);
});
