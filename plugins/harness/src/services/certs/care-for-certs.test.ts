import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createAuthority, issueCertificate, readCertificates } from '@etcdperf/core/certs';
import { loadInventory } from '@etcdperf/core/config';
import {
  clusterAccess,
  findCluster,
  findClusterAccess,
  freePorts,
  openCluster,
  requireProcesses,
} from '@etcdperf/core/etcd';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { renderCertsReport } from '../../render/certs-report.ts';
import { deleteFound } from '../delete.ts';
import { deploy } from '../deploy.ts';
import { type CertsChoices, careForCerts } from './care-for-certs.ts';
import { certificateHosts, peerHosts, requiredHosts } from './cert-hosts.ts';
import { saveCertsDir } from './save-certs-dir.ts';

const DAY_MS = 86_400_000;
const LEAVES = ['client.crt', 'peer.crt', 'server.crt'];

let folder: string;
let file: string;
let dir: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-certs-'));
  vi.stubEnv('ETCDPERF_STATE_DIR', join(folder, 'state'));
  file = join(folder, 'lab.yaml');
  dir = join(folder, 'pki');
  const ports = await freePorts(3);
  writeFileSync(
    file,
    `# mine\nhosts: []\nclusters:\n  main:\n    backend: local\n    members: 1 # alone\n    ports: { client: ${ports[0]}, peer: ${ports[1]} }\n    tls: { dir: pki }\n  plain: { backend: local, members: 1, ports: { client: ${ports[2]}, peer: ${ports[2]! - 1} } }\n`,
  );
});
afterEach(async () => {
  if (existsSync(join(folder, 'state'))) await deleteFound(await find(), { foreignData: true, yes: true });
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const find = async (name = 'main') => findCluster({ inventory: await loadInventory(file), name });
const certs = async (choices: Partial<CertsChoices> = {}, name?: string) =>
  careForCerts(await find(name), {
    task: { kind: 'make' },
    inventory: await loadInventory(file),
    install: false,
    days: 365,
    withinMs: 30 * DAY_MS,
    ...choices,
  });
const read = (name: string) => readFileSync(join(dir, name));
const contents = () => Object.fromEntries(readdirSync(dir).map((name) => [name, read(name).toString()]));
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const openssl = (...argv: string[]) => execFileSync('openssl', argv, { encoding: 'utf8', stdio: 'pipe' });

/** A key that others have, written as a cluster's own. */
async function write(
  name: string,
  request: Partial<Parameters<typeof issueCertificate>[1]>,
  authority?: string,
): Promise<void> {
  const from = authority ?? 'ca';
  const made = await issueCertificate(
    { cert: read(`${from}.crt`), key: read(`${from}.key`) },
    { commonName: name, usage: 'peer', hosts: ['127.0.0.1'], days: 1, ...request },
  );
  writeFileSync(join(dir, `${name}.crt`), made.cert);
  writeFileSync(join(dir, `${name}.key`), made.key);
}

describe('certificates in a directory', () => {
  test('are made once, for their owner only, and what openssl takes them for', async () => {
    const report = await certs({ hosts: ['etcd.example.org'] });
    expect(report.problems).toEqual([]);
    expect([...report.written].sort()).toEqual(readdirSync(dir).sort());
    expect(readdirSync(dir).sort()).toEqual(
      ['ca', 'client', 'peer', 'server'].flatMap((name) => [`${name}.crt`, `${name}.key`]),
    );
    expect(mode(dir)).toBe('700');
    for (const name of readdirSync(dir))
      expect([name, mode(join(dir, name))]).toEqual([name, name.endsWith('.key') ? '600' : '644']);
    for (const leaf of LEAVES)
      expect(openssl('verify', '-x509_strict', '-CAfile', join(dir, 'ca.crt'), join(dir, leaf))).toContain('OK');
    for (const host of ['localhost', 'etcd.example.org'])
      expect(openssl('x509', '-in', join(dir, 'server.crt'), '-noout', '-checkhost', host)).toContain('does match');
    expect(report.certificates.map(({ kind, subject, key }) => [kind, subject, key])).toEqual([
      ['ca', 'CN=etcdperf main CA', true],
      ['server', 'CN=main server', true],
      ['peer', 'CN=main peer', true],
      ['client', 'CN=root', true],
    ]);
    const text = renderCertsReport(report);
    expect(text).toMatch(
      /\nserver.crt +CN=main server +in 36\d days .* here +localhost 127.0.0.1 ::1 etcd.example.org\n/,
    );
    expect(text + JSON.stringify(report)).not.toContain('PRIVATE KEY');

    const before = contents();
    expect((await certs()).written).toEqual([]);
    expect((await certs({ hosts: ['vip'] })).notes).toEqual([
      expect.stringMatching(/^the server certificate is not for vip: --renew/),
    ]);
    expect((await certs({ task: { kind: 'check' } })).written).toEqual([]);
    expect(contents()).toEqual(before);
    // One more, and one that has gone is made again; all others stay.
    rmSync(join(dir, 'peer.crt'));
    await expect(certs()).rejects.toThrow(/of peer only the certificate or only the key is there/);
    rmSync(join(dir, 'peer.key'));
    const alice = await certs({ task: { kind: 'client', user: 'alice' } });
    expect(alice.written).toEqual(['peer.crt', 'peer.key', 'alice.crt', 'alice.key']);
    expect(alice.certificates.at(-1)).toMatchObject({ kind: 'client', subject: 'CN=alice', hosts: [] });
    for (const name of ['ca.crt', 'ca.key', 'server.crt', 'client.key']) expect(contents()[name]).toBe(before[name]);
    await expect(certs({ task: { kind: 'client', user: 'alice' } })).rejects.toThrow(/there is a certificate of alice/);
    for (const user of ['server', 'ca', '../x', ''])
      await expect(certs({ task: { kind: 'client', user } })).rejects.toThrow(/can't be a client's name/);
  });

  test('are renewed of the same CA, with the names that somebody added', async () => {
    await certs({ hosts: ['etcd.example.org'], days: 10 });
    await certs({ task: { kind: 'client', user: 'alice' } });
    const before = contents();
    const soon = await certs({ task: { kind: 'check' } });
    expect(soon.soon).toEqual(['server.crt', 'peer.crt', 'client.crt'].map((name) => join(dir, name)));
    const report = await certs({ task: { kind: 'renew' } });
    expect(report).toMatchObject({ problems: [], soon: [] });
    const after = contents();
    for (const name of ['ca.crt', 'ca.key']) expect(after[name]).toBe(before[name]);
    for (const name of Object.keys(before).filter((one) => !one.startsWith('ca.')))
      expect([name, after[name] === before[name]]).toEqual([name, false]);
    expect(readCertificates(after['server.crt']!)[0]!.hosts).toContain('etcd.example.org');
    expect(mode(join(dir, 'server.key'))).toBe('600');
  });

  test('need the CA’s key only when they are made', async () => {
    await certs();
    const key = read('ca.key');
    rmSync(join(dir, 'ca.key'));
    const report = await certs();
    expect(report.problems).toEqual([]);
    expect(report.certificates[0]).toMatchObject({ kind: 'ca', key: false });
    expect(renderCertsReport(report)).toMatch(/\nca.crt .* elsewhere\n/);
    const before = contents();
    await expect(certs({ task: { kind: 'renew' } })).rejects.toMatchObject({
      exitCode: 2,
      message: "the CA's key is not here: nothing can be signed",
      where: join(dir, 'ca.key'),
    });
    expect(contents()).toEqual(before);
    const other = await createAuthority({ commonName: 'other', days: 1 });
    writeFileSync(join(dir, 'ca.key'), other.key);
    await expect(certs({ task: { kind: 'renew' } })).rejects.toThrow('it is not the key of a CA in ca.crt');
    writeFileSync(join(dir, 'ca.key'), key);
    chmodSync(join(dir, 'ca.key'), 0o600);
    expect((await certs({ task: { kind: 'renew' } })).problems).toEqual([]);
  });

  test('of others are left alone: a key without its CA, a directory that has no such CA', async () => {
    await certs();
    rmSync(join(dir, 'ca.crt'));
    rmSync(join(dir, 'server.crt'));
    rmSync(join(dir, 'server.key'));
    const before = contents();
    await expect(certs()).rejects.toThrow(/ca.crt is not there, which is to have signed what is/);
    expect(contents()).toEqual(before);
  });

  test('are checked: time, key, CA, names, who may read them', async () => {
    await certs();
    await write('server', { now: new Date(Date.now() - 3 * DAY_MS) });
    await write('peer', { hosts: ['node1'] });
    await certs({ task: { kind: 'client', user: 'alice' } });
    await certs({ task: { kind: 'client', user: 'bob' } });
    copyFileSync(join(dir, 'bob.key'), join(dir, 'alice.key'));
    chmodSync(join(dir, 'bob.key'), 0o640);
    const other = await createAuthority({ commonName: 'etcdperf main CA', days: 1 });
    writeFileSync(join(folder, 'pki', 'x.key'), other.key, { mode: 0o600 });
    writeFileSync(join(folder, 'pki', 'x.crt'), other.cert);
    await write('client', { usage: 'client', hosts: [] }, 'x');
    rmSync(join(dir, 'x.key'));
    rmSync(join(dir, 'x.crt'));
    const report = await certs({ task: { kind: 'check' } });
    const day = new Date(Date.now() - 2 * DAY_MS).toISOString().slice(0, 10);
    expect(report.problems.map(({ where, message }) => `${where?.slice(dir.length + 1)}: ${message}`)).toEqual([
      `server.crt: it expired on ${day}`,
      'peer.crt: it is not for 127.0.0.1',
      `client.crt: it is not signed by the CA in ${dir}/ca.crt`,
      `alice.key: it is not the key of ${dir}/alice.crt`,
      'bob.key: others may read it (mode 0640)',
    ]);
    expect(renderCertsReport(report)).toContain(
      `- server.crt: it expired on ${day}\n  try: etcdperf harness:certs main --renew`,
    );
    // Nothing is touched by what must not be used.
    const found = requireProcesses(await find());
    await expect(deploy(found, {})).rejects.toMatchObject({
      exitCode: 2,
      problems: expect.arrayContaining([{ where: join(dir, 'server.crt'), message: `it expired on ${day}` }]),
    });
    expect(existsSync(join(folder, 'state', 'clusters', 'main', 'etcd'))).toBe(false);
    expect((await certs({ task: { kind: 'renew' } })).problems.map(({ message }) => message)).toEqual([]);
  });
});

describe('an inventory', () => {
  test('without TLS for a cluster is told the line; --save writes it and keeps the rest', async () => {
    await expect(certs({}, 'plain')).rejects.toMatchObject({
      exitCode: 2,
      message: 'cluster plain has no TLS',
      hint: expect.stringContaining("write 'tls: { dir: certs/plain }' there"),
    });
    const before = readFileSync(file, 'utf8');
    const saved = await saveCertsDir(await find('plain'), await loadInventory(file), 'here');
    expect(saved.config.tls?.madeIn).toBe(join(folder, 'here'));
    const after = readFileSync(file, 'utf8');
    expect(after.split('\n').filter((line) => !line.includes('plain'))).toEqual(
      before.split('\n').filter((line) => !line.includes('plain')),
    );
    expect(await saveCertsDir(await find('plain'), await loadInventory(file), 'other')).toEqual(saved);
    expect(readFileSync(file, 'utf8')).toBe(after);
  });

  test('whose cluster has files of its own has them checked, never made', async () => {
    await certs();
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(
        '{ dir: pki }',
        '{ ca: pki/ca.crt, cert: pki/server.crt, key: pki/server.key }',
      ),
    );
    const report = await certs();
    expect(report).toMatchObject({ dir: undefined, written: [], problems: [] });
    await expect(certs({ task: { kind: 'renew' } })).rejects.toThrow(/are not made by etcdperf/);
  });
});

describe('a cluster that runs', () => {
  const serial = (options: { port: number; cert?: string }) =>
    new Promise<string>((resolve, reject) => {
      const own =
        options.cert === undefined ? {} : { cert: read(`${options.cert}.crt`), key: read(`${options.cert}.key`) };
      const socket = connect({ host: '127.0.0.1', port: options.port, ca: read('ca.crt'), ...own }, () => {
        resolve(socket.getPeerX509Certificate()!.serialNumber.toLowerCase());
        socket.destroy();
      });
      socket.once('error', reject);
    });
  const serialOf = (name: string) => readCertificates(read(name))[0]!.serial;
  const put = async (key: string) => {
    using client = openCluster({ ...(await clusterAccess(await loadInventory(file), 'main')), timeoutMs: 20_000 });
    await client.put(key, 'x');
  };

  test('uses renewed certificates without a restart, and refuses strangers', async () => {
    await certs();
    const found = requireProcesses(await find());
    const [member] = found.config.members;
    const peers = [member!.clientPort, member!.peerPort];
    const first = await deploy(found, {});
    expect(first.outcome.kind).toBe('deployed');
    const pid = first.members[0]!.result;
    await put('before');
    for (const [index, name] of ['server.crt', 'peer.crt'].entries())
      expect(await serial({ port: peers[index]!, cert: 'client' })).toBe(serialOf(name));

    const before = serialOf('server.crt');
    const report = await certs({ task: { kind: 'renew' }, install: true });
    expect(report.installed).toEqual([
      { kind: 'host', name: 'member1', host: 'localhost', result: { kind: 'installed', restart: false } },
    ]);
    expect(serialOf('server.crt')).not.toBe(before);
    for (const [index, name] of ['server.crt', 'peer.crt'].entries())
      expect(await serial({ port: peers[index]!, cert: 'client' })).toBe(serialOf(name));
    await put('after');
    expect((await certs({ install: true })).installed).toMatchObject([
      { result: { kind: 'unchanged', restart: false } },
    ]);
    const again = await deploy(found, {});
    expect(again).toMatchObject({
      outcome: { kind: 'unchanged' },
      members: [{ result: { ...pid, kind: 'unchanged' } }],
    });
    // A deployment brings them too.
    await certs({ task: { kind: 'renew' } });
    const renewed = await deploy(found, {});
    expect(renewed).toMatchObject({
      outcome: { kind: 'deployed' },
      members: [{ result: { ...pid, kind: 'new certificates' } }],
    });
    expect(await serial({ port: peers[0]!, cert: 'client' })).toBe(serialOf('server.crt'));

    const { endpoints, tls } = await clusterAccess(await loadInventory(file), 'main');
    using stranger = openCluster({ endpoints, tls: { ca: tls!.ca! } });
    await expect(stranger.get('key')).rejects.toThrow(/it wants a client certificate/);
    const other = await createAuthority({ commonName: 'other', days: 1 });
    const forged = await issueCertificate(other, { commonName: 'root', usage: 'client', days: 1 });
    using forger = openCluster({ endpoints, tls: { ...forged, ca: tls!.ca! } });
    await expect(forger.get('key')).rejects.toThrow();
    using doubter = openCluster({ endpoints, tls: { ...tls, ca: other.cert } });
    await expect(doubter.get('key')).rejects.toThrow(/not signed by the CA/);
    await write('client', { usage: 'client', now: new Date(Date.now() - 3 * DAY_MS) });
    await expect(put('late')).rejects.toThrow(/the certificate that it was shown has expired/);
    // What load is made with says it before.
    const inventory = await loadInventory(file);
    await expect(findClusterAccess({ inventory, cluster: 'main' })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/pki\/client\.crt: it expired on \d{4}-\d\d-\d\d$/),
    });
    const given = { ca: tls!.ca!, ...forged };
    await expect(findClusterAccess({ inventory, cluster: 'main', tls: given })).resolves.toMatchObject({ tls: given });
  });

  test('gets a new CA in three steps, and is reached at each of them', async () => {
    await certs();
    const found = requireProcesses(await find());
    await deploy(found, {});
    const step = async () => {
      const report = await certs({ task: { kind: 'rotate-ca' }, install: true });
      expect(report.problems).toEqual([]);
      await put('between');
      return report;
    };
    const old = serialOf('ca.crt');

    const first = await step();
    expect(first.written).toEqual(['ca.crt', 'ca.key']);
    expect(first.certificates.filter(({ kind }) => kind === 'ca').map(({ serial: one }) => one === old)).toEqual([
      false,
      true,
    ]);
    expect(first.notes.join('\n')).toMatch(/step 1 of 3.*harness:deploy main --restart/s);
    expect(first.installed).toMatchObject([{ result: { kind: 'installed', restart: true } }]);
    await expect(deploy(found, {})).resolves.toMatchObject({
      members: [{ result: { kind: 'refused', reason: 'it runs, and differs: another ca.pem; another client-ca.pem' } }],
    });
    const early = contents();
    await expect(step()).rejects.toThrow('member1 would not trust the new certificates: not restarted since step 1');
    expect(contents()).toEqual(early);
    await deploy(found, { restart: true });
    expect((await certs({ install: true })).installed).toMatchObject([
      { result: { kind: 'unchanged', restart: false } },
    ]);

    const second = await step();
    expect(second.notes[0]).toMatch(/step 2 of 3/);
    expect(second.installed).toMatchObject([{ result: { kind: 'installed', restart: false } }]);

    const third = await step();
    expect(third.notes[0]).toMatch(/step 3 of 3/);
    expect(third.written).toEqual(['ca.crt']);
    expect(serialOf('ca.crt')).toBe(readCertificates(third.certificates[0] ? read('ca.crt') : '')[0]!.serial);
    expect(serialOf('ca.crt')).not.toBe(old);
    await deploy(found, { restart: true });
    await put('after');
    expect((await certs({ task: { kind: 'check' } })).problems).toEqual([]);

    // To end it, nobody needs them.
    rmSync(dir, { recursive: true });
    expect(await deleteFound(found, { yes: true })).toMatchObject({
      ok: true,
      members: [{ result: { kind: 'removed' } }],
    });
  });
});

describe('names', () => {
  test('on hosts: all members’ names and addresses, and what leads to them', async () => {
    writeFileSync(
      file,
      'hosts: { n1: 10.0.0.1, n2: 10.0.0.2, n3: 10.0.0.3 }\nclusters: { main: { members: [n1, n2], endpoints: ["https://vip:2379", "https://[fd00::1]:2379"] } }\n',
    );
    const found = await find();
    const own = ['n1', '10.0.0.1', 'n2', '10.0.0.2', 'localhost', '127.0.0.1', '::1'];
    expect(certificateHosts(found, { more: ['x', 'n1'] })).toEqual([...own, 'vip', 'fd00::1', 'x']);
    expect(peerHosts(found, {})).toEqual(own);
    const addresses = ['10.0.0.1', '10.0.0.2'];
    expect(requiredHosts(found, {})).toEqual({ server: addresses, peer: addresses });
  });

  test('on Kubernetes: services, members behind the headless one, virtual names', async () => {
    writeFileSync(
      file,
      'clusters: { main: { backend: statefulset, kubernetes: { services: { vip: ["etcd.example.org:32379"] } } } }\n',
    );
    const found = await find();
    const peers = [
      '*.main.armada.svc',
      'main.armada.svc',
      '*.main.armada.svc.cluster.local',
      'main.armada.svc.cluster.local',
      ...['localhost', '127.0.0.1', '::1'],
    ];
    expect(peerHosts(found, { namespace: 'armada' })).toEqual(peers);
    expect(certificateHosts(found, { namespace: 'armada' })).toEqual([
      ...peers,
      'main-client',
      'main-client.armada',
      'main-client.armada.svc',
      'main-client.armada.svc.cluster.local',
      'etcd.example.org',
    ]);
    const required = requiredHosts(found, { namespace: 'armada' });
    expect(required.peer).toContainEqual(['main-1.main.armada.svc', 'main-1.main.armada.svc.cluster.local']);
    expect(required.server).toEqual([
      ['main-client.armada.svc', 'main-client.armada.svc.cluster.local'],
      ...required.peer,
    ]);
  });
});
