import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import { describe, expect, test, vi } from 'vitest';
import { InputError, OperationError } from '../errors/index.ts';
import { makeCertificates, startEtcd, type TestCluster } from '../testing/index.ts';
import { surveyCluster } from './member-survey.ts';
import { parseTarget, resolveTarget } from './target.ts';

async function endpointsOf(cluster: TestCluster | string[], target: string): Promise<string[]> {
  const endpoints = Array.isArray(cluster) ? cluster : cluster.endpoints;
  const { access, members } = await resolveTarget({ endpoints }, parseTarget(target));
  expect(members.map((member) => member.endpoint)).toEqual(access.endpoints);
  return [...access.endpoints];
}

const without = <T>(list: readonly T[], one: T) => list.filter((other) => other !== one);

test('the words for a target', () => {
  expect(parseTarget('all')).toEqual({ kind: 'all' });
  expect(parseTarget(' leader ')).toEqual({ kind: 'leader' });
  expect(parseTarget('followers')).toEqual({ kind: 'followers' });
  expect(parseTarget('etcd-0')).toEqual({ kind: 'member', name: 'etcd-0' });
  expect(parseTarget('http://10.0.0.1:2379')).toEqual({ kind: 'member', name: 'http://10.0.0.1:2379' });
  for (const wrong of ['', ' ', 'a b', 'm1,m2']) expect(() => parseTarget(wrong)).toThrow(InputError);
});

describe('three members', () => {
  test('are found by their part, their name and their address, also from one endpoint alone', async () => {
    await using cluster = await startEtcd({ members: 3 });
    const leader = await cluster.leader();
    const [, m2] = cluster.members;
    const others = without(cluster.endpoints, leader.endpoint);
    expect(await endpointsOf(cluster, 'all')).toEqual(cluster.endpoints);
    expect(await endpointsOf(cluster, 'leader')).toEqual([leader.endpoint]);
    expect(await endpointsOf(cluster, 'followers')).toEqual(others);
    expect(await endpointsOf(cluster, 'm2')).toEqual([m2!.endpoint]);
    expect(await endpointsOf(cluster, m2!.endpoint)).toEqual([m2!.endpoint]);
    expect(await endpointsOf(cluster, m2!.endpoint.slice('http://'.length))).toEqual([m2!.endpoint]);

    const one = [others[0]!];
    expect(await endpointsOf(one, 'all')).toEqual(one);
    expect(await endpointsOf(one, 'leader')).toEqual([leader.endpoint]);
    expect((await endpointsOf(one, 'followers')).sort()).toEqual([...others].sort());
    expect(await endpointsOf(one, leader.name)).toEqual([leader.endpoint]);

    const unknown = endpointsOf(cluster, 'm4');
    await expect(unknown).rejects.toBeInstanceOf(InputError);
    await expect(unknown).rejects.toMatchObject({
      message: "the cluster has no member 'm4'",
      hint: 'it has m1, m2, m3',
    });

    // One is lost: it is no follower any more, and can't be aimed at; the others can.
    const lost = cluster.members.find((member) => member.endpoint === others[0])!;
    await lost.kill();
    expect(await endpointsOf(cluster, 'followers')).toEqual([others[1]]);
    expect(await endpointsOf(cluster, 'all')).toEqual(cluster.endpoints);
    await expect(endpointsOf(cluster, lost.name)).rejects.toMatchObject({
      message: `${lost.name} can't be reached: connection refused`,
      where: lost.endpoint,
    });

    // No quorum, no leader.
    await leader.kill();
    await vi.waitFor(() => expect(endpointsOf([others[1]!], 'leader')).rejects.toThrow(/has no leader/), {
      timeout: 20_000,
      interval: 100,
    });
    await expect(endpointsOf([others[1]!], 'followers')).rejects.toBeInstanceOf(OperationError);
    expect(await endpointsOf([others[1]!], 'all')).toEqual([others[1]]);
  });
});

test('a single member leads and has no followers', async () => {
  await using cluster = await startEtcd();
  expect(await endpointsOf(cluster, 'leader')).toEqual(cluster.endpoints);
  expect(await endpointsOf(cluster, 'm1')).toEqual(cluster.endpoints);
  const failure = endpointsOf(cluster, 'followers');
  await expect(failure).rejects.toBeInstanceOf(InputError);
  await expect(failure).rejects.toThrow(/no followers: it has a single member/);
  // Doubles of one member, by two of its addresses.
  const port = cluster.members[0]!.clientPort;
  const both = [...cluster.endpoints, `http://localhost:${port}`];
  expect(await endpointsOf(both, 'all')).toEqual(both);
});

test('endpoints that mix http and https are refused before anything is asked', async () => {
  const failure = endpointsOf(['http://127.0.0.1:1', 'https://127.0.0.1:2', 'http://127.0.0.1:3'], 'all');
  await expect(failure).rejects.toBeInstanceOf(InputError);
  await expect(failure).rejects.toThrow(
    'endpoints mix https (https://127.0.0.1:2) and http (http://127.0.0.1:1, http://127.0.0.1:3)',
  );
});

test('nobody there is told with every reason', async () => {
  const failure = endpointsOf(['http://127.0.0.1:1', 'http://nowhere.invalid:2'], 'leader');
  await expect(failure).rejects.toBeInstanceOf(OperationError);
  await expect(failure).rejects.toMatchObject({
    message:
      "etcd can't be reached: http://127.0.0.1:1: connection refused; http://nowhere.invalid:2: its name is not known",
    where: 'http://127.0.0.1:1, http://nowhere.invalid:2',
  });
});

test('an abort ends it with its reason', async () => {
  await using cluster = await startEtcd();
  cluster.members[0]!.pause();
  const aborting = new AbortController();
  const failure = resolveTarget({ endpoints: cluster.endpoints }, { kind: 'all' }, aborting.signal);
  aborting.abort(new Error('enough'));
  await expect(failure).rejects.toThrow('enough');
});

test('a member that hangs is down, in the time that connecting may take', async () => {
  await using cluster = await startEtcd();
  cluster.members[0]!.pause();
  const failure = resolveTarget({ endpoints: cluster.endpoints, dialTimeoutMs: 200 }, { kind: 'all' });
  await expect(failure).rejects.toThrow("etcd can't be reached: no answer in time");
});

test('a wrong password and none are told, and not repeated', async () => {
  await using cluster = await startEtcd();
  const etcd = new Etcd3({ hosts: cluster.endpoints });
  try {
    await etcd.user('root').create('secret');
    await etcd.role('root').create();
    await etcd.user('root').addRole('root');
    await etcd.auth.authEnable();
  } finally {
    etcd.close();
  }
  const { endpoints } = cluster;
  const ask = (password?: string) =>
    surveyCluster({ endpoints, ...(password !== undefined && { auth: { user: 'root', password } }) });
  expect((await ask('secret')).members[0]!.status.kind).toBe('up');
  await expect(ask('guessed')).rejects.toBeInstanceOf(OperationError);
  await expect(ask('guessed')).rejects.toThrow(/^etcd refuses the login: authentication failed/);
  await expect(ask('guessed')).rejects.not.toThrow(/guessed/);
  await expect(ask()).rejects.toThrow('etcd wants a login');
});

describe('TLS', () => {
  /** A cluster that demands client certificates, one side's being past its time. */
  async function startWith(expired: 'server' | 'client' | undefined) {
    const made = await makeCertificates(expired === undefined ? {} : { expired });
    const folder = mkdtempSync(join(tmpdir(), 'etcdperf-target-'));
    const file = (name: string, content: Buffer) => {
      writeFileSync(join(folder, name), content, { mode: 0o600 });
      return join(folder, name);
    };
    const flags = {
      'cert-file': file('server.crt', made.server.cert),
      'key-file': file('server.key', made.server.key),
      'trusted-ca-file': file('ca.crt', made.ca),
    };
    const cluster = await startEtcd({ tls: 'mutual', flags });
    return {
      made,
      endpoints: cluster.endpoints,
      async [Symbol.asyncDispose]() {
        await cluster.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  }

  test.each([
    ['server', 'its certificate has expired'],
    ['client', 'the certificate that it was shown has expired'],
  ] as const)('an expired certificate of the %s is told', async (expired, why) => {
    await using site = await startWith(expired);
    const tls = { ca: site.made.ca, ...site.made.client };
    await expect(surveyCluster({ endpoints: site.endpoints, tls })).rejects.toMatchObject({
      message: `etcd can't be reached: ${why}`,
      hint: 'look at --cacert, --cert and --key',
      exitCode: 1,
    });
  });

  test('the right files open; a missing one, another CA and plain http are told', async () => {
    await using site = await startWith(undefined);
    const { made, endpoints } = site;
    const ask = (access: object) => surveyCluster({ endpoints, ...access });
    expect((await ask({ tls: { ca: made.ca, ...made.client } })).leader).toBeDefined();
    expect((await ask({ tls: { insecureSkipVerify: true, ...made.client } })).leader).toBeDefined();
    await expect(ask({ tls: { ca: made.ca } })).rejects.toThrow(/it wants a client certificate/);
    const other = (await makeCertificates()).ca;
    await expect(ask({ tls: { ca: other, ...made.client } })).rejects.toThrow(/not signed by the CA/);
    const plain = endpoints.map((endpoint) => endpoint.replace('https:', 'http:'));
    await expect(surveyCluster({ endpoints: plain })).rejects.toMatchObject({
      hint: expect.stringContaining('https:// if it uses TLS'),
    });
  });
});
