import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadInventory } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import { clusterAccessFrom } from './cluster-access-from.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'etcdperf-access-'));
  // No local cluster of whoever runs the tests.
  vi.stubEnv('ETCDPERF_STATE_DIR', dir);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const file = (name: string, text: string) => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

test('nothing named is etcdctl’s own endpoint', async () => {
  expect(await clusterAccessFrom({}, undefined)).toEqual({ endpoints: ['http://127.0.0.1:2379'] });
  const tls = await clusterAccessFrom({ 'insecure-skip-tls-verify': true, 'dial-timeout': 700 }, undefined);
  expect(tls).toEqual({
    endpoints: ['https://127.0.0.1:2379'],
    tls: { insecureSkipVerify: true },
    dialTimeoutMs: 700,
  });
});

test('endpoints, certificates and a login from files', async () => {
  const flags = {
    endpoints: 'a:2379,https://b:2379',
    cacert: file('ca.pem', 'CA'),
    cert: file('cert.pem', 'CERT'),
    key: file('key.pem', 'KEY'),
    user: 'root',
    'password-file': file('pw', 'correct horse\nsecond line'),
  };
  expect(await clusterAccessFrom(flags, undefined)).toEqual({
    endpoints: ['https://a:2379', 'https://b:2379'],
    tls: { ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY') },
    auth: { user: 'root', password: 'correct horse' },
  });
});

test('the password may be in the environment; there must be one', async () => {
  const flags = { endpoints: 'a:2379', user: 'root' };
  vi.stubEnv('ETCDPERF_PASSWORD', 'from there');
  expect((await clusterAccessFrom(flags, undefined)).auth).toEqual({ user: 'root', password: 'from there' });
  vi.stubEnv('ETCDPERF_PASSWORD', undefined);
  await expect(clusterAccessFrom(flags, undefined)).rejects.toMatchObject({ where: '--user', exitCode: 2 });
});

test('flags go before the inventory', async () => {
  file('ca.pem', 'CA of the lab');
  const path = file(
    'lab.yaml',
    'hosts: {n1: 10.0.0.1}\nclusters: {m: {members: n1, tls: {ca: ca.pem, cert: ca.pem, key: ca.pem}}}\n',
  );
  const inventory = await loadInventory(path);
  expect(await clusterAccessFrom({}, inventory)).toMatchObject({
    endpoints: ['https://10.0.0.1:2379'],
    tls: { ca: Buffer.from('CA of the lab') },
  });
  expect(await clusterAccessFrom({ endpoints: 'b:1', cluster: 'm' }, inventory)).toMatchObject({
    endpoints: ['https://b:1'],
    tls: { ca: Buffer.from('CA of the lab') },
  });
  expect(await clusterAccessFrom({ endpoints: 'b:1' }, inventory)).toEqual({ endpoints: ['http://b:1'] });
});

test.each([
  [{ endpoints: 'https://a:1,http://b:1' }, '--endpoints', 'https://a:1 and http://b:1'],
  [{ endpoints: 'http://a:1,b:1', 'insecure-skip-tls-verify': true }, '--endpoints', 'mix TLS and plain'],
  [{ endpoints: 'etcd://a:1' }, '--endpoints', 'wrong endpoints'],
  [{ cacert: '/no/such/ca.pem' }, '--cacert', 'ENOENT'],
  [{ cluster: 'nowhere' }, '--cluster', "no local cluster 'nowhere'"],
])('%j is wrong input', async (flags, where, message) => {
  const access = clusterAccessFrom(flags, undefined);
  await expect(access).rejects.toThrow(InputError);
  await expect(access).rejects.toMatchObject({ where, message: expect.stringContaining(message) });
});
