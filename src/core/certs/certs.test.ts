import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCertificates, type RequiredHost } from './check-certificates.ts';
import type { Credential } from './credential.ts';
import { createAuthority, issueCertificate } from './issue-certificate.ts';
import { keyMatches } from './key-matches.ts';
import { parseCertificates, readCertificates } from './read-certificates.ts';
import { signerOf } from './signer-of.ts';

const DAY_MS = 86_400_000;
const daysFromNow = (days: number) => new Date(Date.now() + days * DAY_MS);

let folder: string;
let authority: Credential;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'etcdperf-certs-'));
  authority = await createAuthority({ commonName: 'an authority', days: 10 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const openssl = (...argv: string[]) =>
  execFileSync('openssl', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

describe('a certificate', () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const dnsName = fc
    .tuple(fc.boolean(), fc.array(label, { minLength: 1, maxLength: 4 }))
    .map(([wild, labels]) => (wild ? '*.' : '') + labels.join('.'))
    .filter((name) => !/(^|\.)\d+$/.test(name));
  const hosts = fc.array(fc.oneof(dnsName, fc.ipV4(), fc.ipV6().map(shorten)), { maxLength: 12 });

  test('says what it was issued for, whatever that is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 64, unit: fc.constantFrom(...'aZ09 -_.:@,+"\\;<>=#/') }),
        fc.option(fc.constantFrom('system:masters', 'Müller & Söhne', 'a, b'), { nil: undefined }),
        hosts,
        fc.constantFrom('server', 'client', 'peer'),
        fc.integer({ min: 1, max: 3000 }),
        async (commonName, organization, names, usage, days) => {
          const made = await issueCertificate(authority, { commonName, organization, hosts: names, usage, days });
          const [info, ...more] = readCertificates(made.cert);
          expect(more).toEqual([]);
          expect(info).toMatchObject({
            commonName,
            hosts: names,
            issuer: 'CN=an authority',
            isAuthority: false,
            usage: { server: usage !== 'client', client: usage !== 'server' },
          });
          expect(info!.subject.startsWith('O=')).toBe(organization !== undefined);
          // Never longer than what signed it.
          const end = Math.min(daysFromNow(days).getTime(), readCertificates(authority.cert)[0]!.notAfter.getTime());
          expect(Math.abs(info!.notAfter.getTime() - end)).toBeLessThan(60_000);
          expect(info!.notBefore.getTime()).toBeLessThan(Date.now() - 60_000);
          expect(keyMatches(made)).toBe(true);
          expect(keyMatches({ cert: made.cert, key: authority.key })).toBe(false);
          expect(createPrivateKey(made.key).asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
          expect(signerOf(parseCertificates(made.cert)[0]!, parseCertificates(authority.cert))).toBeDefined();
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is what openssl takes it for', async () => {
    const made = await issueCertificate(authority, {
      commonName: 'main',
      organization: 'lab',
      hosts: ['*.main.armada.svc', 'node1', '10.0.0.1', '::1'],
      usage: 'peer',
      days: 5,
    });
    const ca = file('ca.crt', authority.cert);
    const cert = file('main.crt', made.cert);
    for (const purpose of ['sslserver', 'sslclient'])
      expect(openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca, cert)).toContain('OK');
    const check = (...argv: string[]) => openssl('x509', '-in', cert, '-noout', ...argv);
    expect(check('-checkhost', 'main-0.main.armada.svc')).toContain('does match');
    expect(check('-checkhost', 'main.armada.svc')).toContain('does NOT match');
    expect(check('-checkip', '10.0.0.1')).toContain('does match');
    expect(check('-checkip', '::1')).toContain('does match');
    expect(check('-subject')).toMatch(/O ?= ?lab, CN ?= ?main/);
    const key = file('main.key', made.key);
    expect(openssl('pkey', '-in', key, '-pubout')).toBe(check('-pubkey'));
    const other = file('other.crt', (await createAuthority({ commonName: 'an authority', days: 10 })).cert);
    expect(() => openssl('verify', '-CAfile', other, cert)).toThrow();
  });

  test('of an RSA authority made by openssl', async () => {
    const [key, cert] = [join(folder, 'rsa.key'), join(folder, 'rsa.crt')];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-subj',
      '/CN=rsa',
      '-days',
      '3',
    );
    const rsa = { cert: Buffer.from(openssl('x509', '-in', cert)), key: Buffer.from(openssl('pkey', '-in', key)) };
    const made = await issueCertificate(rsa, { commonName: 'leaf', usage: 'client', days: 1 });
    expect(openssl('verify', '-CAfile', cert, file('leaf.crt', made.cert))).toContain('OK');
  });

  test('is not issued by an authority without its key, or past its time', async () => {
    const request = { commonName: 'leaf', usage: 'client', days: 1 } as const;
    const other = await createAuthority({ commonName: 'other', days: 1 });
    await expect(issueCertificate({ cert: authority.cert, key: other.key }, request)).rejects.toThrow(/its key is not/);
    const past = await createAuthority({ commonName: 'past', days: 1, now: daysFromNow(-2) });
    await expect(issueCertificate(past, request)).rejects.toThrow(/expired on \d{4}-\d\d-\d\d/);
  });

  test('that cannot be read is none', () => {
    expect(readCertificates('')).toEqual([]);
    expect(readCertificates('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')).toEqual([]);
    expect(keyMatches({ cert: authority.cert, key: Buffer.from('no key') })).toBe(false);
  });
});

describe('the certificates of a cluster', () => {
  const named = (name: string, { cert, key }: Credential) => ({
    cert: { file: `${name}.crt`, pem: cert },
    key: { file: `${name}.key`, pem: key },
  });
  const ca = () => ({ file: 'ca.crt', pem: authority.cert });
  const issue = (usage: 'server' | 'client' | 'peer', more: { days?: number; now?: Date; hosts?: string[] } = {}) =>
    issueCertificate(authority, { commonName: 'x', usage, days: 1, hosts: ['10.0.0.1', '*.main.ns.svc'], ...more });

  async function problems(
    changed: { server?: Credential; peer?: Credential; client?: Credential; ca?: Buffer },
    hosts: RequiredHost[] = ['10.0.0.1'],
    now?: Date,
  ): Promise<string[]> {
    const found = checkCertificates(
      {
        ca: { ...ca(), ...(changed.ca && { pem: changed.ca }) },
        clientCa: ca(),
        server: named('server', changed.server ?? (await issue('server'))),
        peer: named('peer', changed.peer ?? (await issue('peer'))),
        client: named('client', changed.client ?? (await issue('client'))),
      },
      { server: hosts, peer: hosts },
      now,
    );
    return found.map(({ where, message }) => `${where}: ${message}`);
  }

  test('that fit have no problems', async () => {
    expect(
      await problems({}, ['10.0.0.1', 'main-0.main.ns.svc', ['main-0.main.ns.svc.cluster.local', 'a.main.ns.svc']]),
    ).toEqual([]);
  });

  test('name each file that does not, and why', async () => {
    const past = daysFromNow(-1).toISOString().slice(0, 10);
    expect(await problems({ server: await issue('server', { now: daysFromNow(-2) }) })).toEqual([
      `server.crt: it expired on ${past}`,
    ]);
    const later = await issue('client', { now: daysFromNow(1) });
    expect(await problems({ client: later })).toEqual([
      expect.stringMatching(/^client.crt: it is not valid before \d{4}/),
    ]);
    const [one, two] = [await issue('peer'), await issue('peer')];
    expect(await problems({ peer: { cert: one.cert, key: two.key } })).toEqual([
      'peer.key: it is not the key of peer.crt',
    ]);
    expect(await problems({ peer: await issue('server') })).toEqual(["peer.crt: it may not be used as a client's"]);
    expect(await problems({ client: await issue('server') })).toEqual(["client.crt: it may not be used as a client's"]);
    expect(await problems({}, ['10.0.0.2', ['a.b', 'c.d'], '10.0.0.1'])).toEqual([
      'server.crt: it is not for 10.0.0.2, a.b',
      'peer.crt: it is not for 10.0.0.2, a.b',
    ]);
    const other = await createAuthority({ commonName: 'an authority', days: 9 });
    expect(await problems({ ca: other.cert })).toEqual([
      'server.crt: it is not signed by the CA in ca.crt',
      'peer.crt: it is not signed by the CA in ca.crt',
    ]);
    expect(await problems({ ca: Buffer.concat([other.cert, authority.cert]) })).toEqual([]);
    expect(await problems({ ca: Buffer.from('') })).toEqual(['ca.crt: there is no certificate in it']);
    expect(await problems({ ca: one.cert })).toContain('ca.crt: it is not the certificate of an authority');
    const allPast = await problems({}, ['10.0.0.1'], daysFromNow(11));
    expect(allPast).toContain(`ca.crt: it expired on ${daysFromNow(10).toISOString().slice(0, 10)}`);
  });

  test('may be signed through others in between', async () => {
    // Only openssl makes an authority that another one signed.
    const [key, request, cert] = ['sub.key', 'sub.csr', 'sub.crt'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      key,
      '-out',
      request,
      '-subj',
      '/CN=sub',
    );
    const extensions = file('sub.ext', Buffer.from('basicConstraints=critical,CA:TRUE\n'));
    openssl(
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      file('ca.crt', authority.cert),
      '-CAkey',
      file('ca.key', authority.key),
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      extensions,
      '-out',
      cert,
    );
    const sub = { cert: Buffer.from(openssl('x509', '-in', cert)), key: Buffer.from(openssl('pkey', '-in', key)) };
    const leaf = await issueCertificate(sub, { commonName: 'x', usage: 'server', hosts: ['10.0.0.1'], days: 1 });
    expect(await problems({ server: leaf })).toEqual(['server.crt: it is not signed by the CA in ca.crt']);
    const chain = { cert: Buffer.concat([leaf.cert, sub.cert]), key: leaf.key };
    expect(await problems({ server: chain })).toEqual([]);
    expect(new X509Certificate(chain.cert).subject).toBe('CN=x');
  });
});

/** As it is written in certificates' texts. */
function shorten(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
