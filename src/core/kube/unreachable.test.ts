import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { freePorts, makeCertificates, startEtcd, startTcpProxy } from '../testing/index.ts';
import { type Kube, KubeUnreachableError, openKube } from './index.ts';

const PODS = { apiVersion: 'v1', kind: 'Pod' };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etcdperf-unreachable-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Parts {
  readonly server: string;
  readonly ca?: Buffer;
  readonly user?: object;
  readonly cluster?: object;
}

async function open({ server, ca, user = {}, cluster = {} }: Parts): Promise<Kube> {
  const kubeconfigFile = join(folder, 'kubeconfig');
  const authority = ca === undefined ? {} : { 'certificate-authority-data': ca.toString('base64') };
  const content = {
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'me' } }],
    clusters: [{ name: 'lab', cluster: { server, ...authority, ...cluster } }],
    users: [{ name: 'me', user }],
  };
  await writeFile(kubeconfigFile, stringify(content));
  return await openKube({ kubeconfigFile, firstPatienceMs: 0 });
}

/** What listing pods says. */
async function failure(parts: Parts): Promise<unknown> {
  await using kube = await open(parts);
  return await kube.list(PODS).then(
    () => 'no failure',
    (error) => error,
  );
}

async function serve(options: ServerOptions) {
  const server = createServer(options, (_, response) => response.end('{"resources":[]}'));
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as { readonly port: number }).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('nothing listens; the name is not known; connections are reset', async () => {
  const [port] = await freePorts(1);
  const server = `https://127.0.0.1:${port}`;
  const refused = await failure({ server });
  expect(refused).toBeInstanceOf(KubeUnreachableError);
  expect(refused).toMatchObject({
    message: 'the API server refuses connections',
    where: server,
    hint: "is it up, and is context 'lab' the right one?",
    exitCode: 1,
  });
  expect(await failure({ server: 'https://none.invalid:6443' })).toMatchObject({
    message: "the API server has a name that can't be looked up",
    where: 'https://none.invalid:6443',
  });
  await using proxy = await startTcpProxy(port!);
  proxy.cut();
  expect(await failure({ server: `https://${proxy.address}` })).toMatchObject({
    message: 'the API server breaks connections off',
  });
});

test('certificates of the server that are not to be trusted', async () => {
  const good = await makeCertificates();
  await using server = await serve(good.server);
  const other = await makeCertificates();
  expect(await failure({ server: server.url, ca: other.ca })).toMatchObject({
    message: "the API server shows a certificate that the kubeconfig's CA has not signed",
    hint: expect.stringContaining('certificate-authority'),
  });
  expect(await failure({ server: server.url, ca: good.ca, cluster: { 'tls-server-name': 'other' } })).toMatchObject({
    message: 'the API server shows a certificate for another name or address',
    hint: expect.stringContaining('tls-server-name'),
  });
  const old = await makeCertificates({ expired: 'server' });
  await using expired = await serve(old.server);
  expect(await failure({ server: expired.url, ca: old.ca })).toMatchObject({
    message: 'the API server shows a certificate that has expired',
  });
});

test("a server that does not take the kubeconfig's certificate, and certificates that are none", async () => {
  const stranger = await makeCertificates();
  // An etcd that demands certificates refuses as any server written in Go does.
  await using server = await startEtcd({ tls: 'mutual' });
  const { ca, client } = server.certificates!;
  const asUser = ({ cert, key }: { cert: Buffer; key: Buffer }) => ({
    'client-certificate-data': cert.toString('base64'),
    'client-key-data': key.toString('base64'),
  });
  const listing = { server: server.endpoints[0]!, ca };
  for (const user of [asUser(stranger.client), {}])
    expect(await failure({ ...listing, user })).toMatchObject({
      message: "the API server does not take the kubeconfig's client certificate",
      hint: 'renew the credentials in the kubeconfig',
    });
  const mixed = { cert: client.cert, key: stranger.client.key };
  expect(await failure({ ...listing, user: asUser(mixed) })).toMatchObject({
    message: "the kubeconfig's client certificate and key don't belong together",
    exitCode: 2,
  });
  const garbage = { cert: Buffer.from('garbage'), key: client.key };
  expect(await failure({ ...listing, user: asUser(garbage) })).toMatchObject({
    message: expect.stringContaining("certificates can't be read"),
    exitCode: 2,
  });
  expect(await failure({ ...listing, user: { 'client-certificate': 'absent.crt' } })).toMatchObject({
    message: `the kubeconfig's file ${join(folder, 'absent.crt')} isn't there`,
    exitCode: 2,
  });
});

test('http and https mixed up; plain http where it is meant', async () => {
  const plain = createHttpServer((_, response) =>
    response.end('{"resources":[{"name":"pods","kind":"Pod"}],"items":[]}'),
  );
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const { port } = plain.address() as { readonly port: number };
  expect(await failure({ server: `https://127.0.0.1:${port}` })).toMatchObject({
    message: 'the API server does not speak TLS on this port',
  });
  expect(await failure({ server: `http://127.0.0.1:${port}` })).toBe('no failure');
  await new Promise((resolve) => plain.close(resolve));
});
