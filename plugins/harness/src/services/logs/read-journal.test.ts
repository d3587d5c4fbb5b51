import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalExecutor } from '@etcdperf/core/ssh';
import { expect, test, vi } from 'vitest';
import { hasJournal, readJournal } from './read-journal.ts';

/**
 * A real journald with a /run of its own, whose journal is in a folder of the test. Nothing here runs as a unit; yet
 * root may say that a process of one has crashed, and journalctl takes that for the unit's too.
 */
const JOURNALD = `
mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/log/journal && mount --bind "$1" /run/log/journal || exit 1
/usr/lib/systemd/systemd-journald >/dev/null 2>&1 &
until [ -S /run/systemd/journal/socket ]; do sleep 0.05; done
while IFS= read -r line; do
  printf 'MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1\\nCOREDUMP_UNIT=etcd.service\\nMESSAGE=%s\\n' "$line" | logger --journald
done
kill $!
wait
`;

const line = (n: number) => `{"level":"info","ts":"2026-11-21T23:08:05.1Z","msg":"m${n} \\"quoted\\""}`;

test('what a unit wrote, and what it goes on to write', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'etcdperf-journal-'));
  const daemon = spawn('unshare', ['-m', 'sh', '-c', JOURNALD, 'sh', directory], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const gone = once(daemon, 'exit');
  const executor = new LocalExecutor();
  const ended = new AbortController();
  const read = async (unit: string, window = {}, onLines?: (lines: readonly string[]) => void) => {
    const lines: string[] = [];
    await readJournal(
      executor,
      { unit, directory },
      {
        ...{ window, follow: onLines !== undefined, signal: ended.signal, onNote: () => undefined },
        onLines: onLines ?? ((some) => void lines.push(...some)),
      },
    );
    return lines;
  };
  let following: Promise<unknown> | undefined;
  try {
    daemon.stdin.write(`${line(1)}\n${line(2)}\n`);
    const first = [line(1), line(2)];
    await vi.waitFor(async () => expect(await read('etcd')).toEqual(first), { timeout: 30_000, interval: 200 });
    expect(await hasJournal(executor, { unit: 'etcd', directory })).toBe(true);
    expect(await hasJournal(executor, { unit: 'other', directory })).toBe(false);
    expect(await read('other')).toEqual([]);
    expect(await read('etcd', { last: 1 })).toEqual([line(2)]);
    const now = Date.now();
    expect(await read('etcd', { sinceMs: now - 3_600_000, untilMs: now })).toEqual(first);
    expect(await read('etcd', { sinceMs: now + 3_600_000 })).toEqual([]);
    expect(await read('etcd', { untilMs: now - 3_600_000 })).toEqual([]);

    const lines: string[] = [];
    following = read('etcd', {}, (some) => void lines.push(...some));
    await vi.waitFor(() => expect(lines).toEqual(first), { timeout: 30_000 });
    daemon.stdin.write(`${line(3)}\n`);
    await vi.waitFor(() => expect(lines).toEqual([...first, line(3)]), { timeout: 30_000 });
  } finally {
    ended.abort();
    await following;
    daemon.stdin.end();
    await gone;
    await rm(directory, { recursive: true, force: true });
  }
}, 120_000);
