import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext } from 'ssh2';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { InventoryHost } from '../config/index.ts';
import { makeKey } from '../testing/index.ts';
import { connectHosts } from './connect-hosts.ts';
import { AuthenticationError } from './ssh-error.ts';

// A real password needs an account, which tests don't make on a developer's machine (the lab's hosts have some, see
// test/e2e); what is said on the wire is the same with a server that checks it by itself.
const PASSWORD = "it's secret, ünd long";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-password-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A server that takes one way of giving the password, and answers every command with its own text. */
async function startServer(way: 'password' | 'keyboard-interactive'): Promise<{ port: number; tried: string[] }> {
  const tried: string[] = [];
  // Not by ssh2, which makes one pair in 256 that it can't read itself.
  const hostKeyFile = join(folder, randomUUID());
  await makeKey(hostKeyFile, 'ed25519');
  const hostKey = await readFile(hostKeyFile);
  const check = (auth: AuthContext) => {
    tried.push(auth.method);
    const refuse = () => auth.reject([way]);
    if (auth.method === 'password' && way === 'password' && auth.password === PASSWORD) auth.accept();
    else if (auth.method === 'keyboard-interactive' && way === auth.method)
      auth.prompt([{ prompt: 'Password: ', echo: false }], ([answer]) =>
        answer === PASSWORD ? auth.accept() : refuse(),
      );
    else refuse();
  };
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on('authentication', check);
    client.on('error', () => {});
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.write('welcome');
        channel.exit(0);
        channel.end();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, tried };
}

function hostAt(port: number, settings: Partial<InventoryHost> = {}): InventoryHost {
  const place = { name: 'node1', address: '127.0.0.1', port, user: 'somebody', knownHostsFile: join(folder, 'known') };
  return { ...place, become: 'none', groups: [], ...settings };
}

test.each(['password', 'keyboard-interactive'] as const)('from a file, as %s', async (way) => {
  const { port } = await startServer(way);
  const passwordFile = join(folder, 'secret');
  await writeFile(passwordFile, `${PASSWORD}\r\nanother line\n`);
  await using connections = connectHosts([hostAt(port, { passwordFile })], { acceptNew: true });
  expect((await connections.executor('node1').run(['true'])).stdout).toBe('welcome');
});

test('from the environment', async () => {
  const { port, tried } = await startServer('password');
  vi.stubEnv('ETCDPERF_TEST_PASSWORD', PASSWORD);
  onTestFinished(() => void vi.unstubAllEnvs());
  const host = hostAt(port, { passwordEnv: 'ETCDPERF_TEST_PASSWORD' });
  await using connections = connectHosts([host], { acceptNew: true });
  expect((await connections.executor('node1').run(['true'])).code).toBe(0);
  expect(tried).not.toContain('keyboard-interactive');
});

test('asked for once for all hosts, and only where a server wants it', async () => {
  const servers = await Promise.all([startServer('password'), startServer('keyboard-interactive')]);
  const hosts = servers.map(({ port }, index) => hostAt(port, { name: `node${index + 1}` }));
  const secret = vi.fn(async () => PASSWORD);
  const prompt = { confirm: async () => true, secret };
  await using connections = connectHosts(hosts, { prompt });
  await Promise.all(hosts.map(({ name }) => connections.executor(name).run(['true'])));
  expect(secret).toHaveBeenCalledOnce();
});

test('a wrong one is not shown, and not tried again', async () => {
  const { port, tried } = await startServer('password');
  const passwordFile = join(folder, 'secret');
  await writeFile(passwordFile, 'hunter2');
  await using connections = connectHosts([hostAt(port, { passwordFile })], { acceptNew: true });
  const error: unknown = await connections
    .executor('node1')
    .run(['true'])
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AuthenticationError);
  expect((error as Error).message).toContain('tried: ');
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2');
  expect(tried.filter((method) => method === 'password')).toHaveLength(1);
});
