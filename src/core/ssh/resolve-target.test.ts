import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { InventoryHost } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import { TargetResolver } from './resolve-target.ts';
import { SshConfigs } from './ssh-configs.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'etcdperf-home-'));
  await mkdir(join(home, '.ssh/conf.d'), { recursive: true });
  // The account's own configuration can't be another one for a test: the real ssh is told which file to read.
  await writeFile(join(home, 'ssh'), 'echo asked >>"$1/asked"; shift; exec ssh "$@"\n');
});
afterEach(() => rm(home, { recursive: true, force: true }));

const config = (text: string, file = 'config') => writeFile(join(home, '.ssh', file), text);
const asked = async () => (await readFile(join(home, 'asked'), 'utf8').catch(() => '')).split('\n').length - 1;
const host = (address: string, settings: Partial<InventoryHost> = {}): InventoryHost => ({
  ...{ name: address, address, become: 'none', groups: [] },
  ...settings,
});

function resolver(): TargetResolver {
  return new TargetResolver(new SshConfigs(home, ['sh', join(home, 'ssh'), home, '-F', join(home, '.ssh/config')]));
}

test('the inventory wins over ssh_config, which wins over defaults', async () => {
  await config(
    'Host lab\n  HostName 198.51.100.7\n  User root\n  Port 2222\n  IdentityFile ~/keys/%h-%r\n  HostKeyAlias lab-key\n',
  );
  const targets = resolver();
  expect(await targets.resolve(host('lab'))).toMatchObject({
    ...{ name: 'lab', host: '198.51.100.7', port: 2222, user: 'root', hostKeyAlias: 'lab-key', hops: [] },
    keys: [{ path: expect.stringMatching(/\/keys\/198\.51\.100\.7-root$/), required: false }],
  });
  const inventory = { user: 'admin', port: 22, keyFile: '/key', knownHostsFile: '/known' };
  expect(await targets.resolve(host('lab', inventory))).toMatchObject({
    ...{ host: '198.51.100.7', user: 'admin', port: 22, knownHostsFiles: ['/known'], identitiesOnly: true },
    keys: [{ path: '/key', required: true }],
  });
  expect(await targets.resolve(host('other', { user: 'me' }))).toMatchObject({ host: 'other', port: 22, user: 'me' });
});

test('ssh is asked once for all hosts that the same blocks name', async () => {
  await config(`Include ${home}/.ssh/conf.d/*.conf\nHost *\n  User everybody\n`);
  await config('Host node* !node7\n  User root\n', 'conf.d/lab.conf');
  const targets = resolver();
  const nodes = Array.from({ length: 50 }, (_, index) => `node${index + 1}`);
  const resolved = await Promise.all(nodes.map((name) => targets.resolve(host(name))));
  expect(resolved.map((target) => target.host)).toEqual(nodes);
  expect(resolved.map(({ user }) => user)).toEqual(nodes.map((name) => (name === 'node7' ? 'everybody' : 'root')));
  expect(await asked()).toBe(2);
});

test('hosts that only look alike are asked for one by one', async () => {
  await config('Host node*\n  HostName %h.example.com\n  User root\n');
  const targets = resolver();
  const resolved = await Promise.all(['node1', 'node2'].map((name) => targets.resolve(host(name))));
  expect(resolved.map((target) => target.host)).toEqual(['node1.example.com', 'node2.example.com']);
  expect(await asked()).toBe(2);
});

test('ssh is not asked where its files say nothing of use', async () => {
  await config('Host *\n  SendEnv LANG LC_*\n  HashKnownHosts yes\n');
  expect(await resolver().resolve(host('node1'))).toMatchObject({ host: 'node1', port: 22, hops: [] });
  expect(await asked()).toBe(0);
});

test('ProxyJump: several hops, hops that are aliases, hops with a way of their own', async () => {
  await config(
    [
      'Host inner\n  ProxyJump first,admin@second:2200',
      'Host first\n  HostName 198.51.100.1\n  User gate\n  ProxyJump outer',
      'Host outer\n  HostName 198.51.100.9',
    ].join('\n'),
  );
  const { hops } = await resolver().resolve(host('inner'));
  expect(hops).toMatchObject([
    { host: '198.51.100.9', port: 22 },
    { host: '198.51.100.1', user: 'gate' },
    { host: 'second', user: 'admin', port: 2200 },
  ]);
});

test.each([
  ['a circle', 'Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n', /circle/],
  ['a ProxyCommand', 'Host a\n  ProxyCommand nc %h %p\n', /ProxyCommand/],
  ['what ssh refuses', 'Host a\n  Port none\n', /does not accept/],
])('%s is wrong input', async (_what, text, message) => {
  await config(text);
  const refused = await resolver()
    .resolve(host('a'))
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(InputError);
  expect((refused as Error).message).toMatch(message);
});
