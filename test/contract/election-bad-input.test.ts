import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-bad-input-'));
  writeFileSync(
    join(folder, 'no-agents.yaml'),
    'hosts: { node1: 127.0.0.1 }\ngroups: { masters: [node1] }\nclusters: { main: { backend: local, members: 1 } }\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function etcdperf(line: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...line.split(' ')], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ETCDPERF_STATE_DIR: join(folder, 'state'), ETCDPERF_INVENTORY: undefined },
  });
  return { status, stdout, stderr };
}

const nowhere = '--endpoints http://127.0.0.1:1';

test.each([
  [`election:agents --count 0 ${nowhere}`, '--count'],
  [`election:agents --count -3 ${nowhere}`, '--count'],
  [`election:agents --count 1000001 ${nowhere}`, '--count'],
  [`election:agents --count many ${nowhere}`, '--count'],
  [`election:agents --connections shared:0 ${nowhere}`, '--connections'],
  [`election:agents --jitter fast ${nowhere}`, '--jitter'],
  [`election:masters --count 0 ${nowhere}`, '--count'],
  [`election:masters --ttl 0 ${nowhere}`, '--ttl'],
  [`election:masters --ttl 2 --refresh 2s ${nowhere}`, '--refresh'],
  [`election:masters --payload nothing-there ${nowhere}`, '--payload'],
  [`election:masters --algorithm raft ${nowhere}`, '--algorithm'],
  [`election:masters --replicate often ${nowhere}`, '--replicate'],
  ['election:masters --endpoints ftp://x', '--endpoints'],
  ['election:masters', '--endpoints'],
  [`election:masters --user root ${nowhere}`, '--user'],
  [`election:init --keys -1 ${nowhere}`, '--keys'],
  [`election:init --value-size 0 ${nowhere}`, '--value-size'],
  [`election:failover --rounds 0 ${nowhere}`, '--rounds'],
  ['election:failover --candidates 1', '--candidates'],
  ['election:failover --agents 0', '--agents'],
  [`election:failover --agents 5 ${nowhere}`, '--agents'],
  ['election:summary --round 0', '--round'],
  ['election:summary --from-etcd --round 1 --killed-at noon', '--killed-at'],
  ['election:summary --runs-dir nothing-there', 'nothing-there'],
  ['election:agents --inventory nothing-there.yaml', 'nothing-there.yaml'],
  ['election:agents --inventory no-agents.yaml', 'agents'],
])('%s: exit 2, and %s is named', (line, named) => {
  const { status, stdout, stderr } = etcdperf(line);
  expect(status, stderr).toBe(2);
  expect(stderr).toContain(named);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout).toBe('');
  // Nothing was touched: not even a run folder was made.
  expect(readdirSync(folder)).toEqual(['no-agents.yaml']);
});

test.each(['init', 'masters', 'agents', 'status', 'summary --from-etcd', 'failover'])(
  'election:%s says that etcd can not be reached, and where',
  (command) => {
    const { status, stderr } = etcdperf(`election:${command} ${nowhere}`);
    expect(status, stderr).toBe(1);
    expect(stderr).toContain("etcd can't be reached");
    expect(stderr).toContain('127.0.0.1:1');
    rmSync(join(folder, 'runs'), { recursive: true, force: true });
  },
);
