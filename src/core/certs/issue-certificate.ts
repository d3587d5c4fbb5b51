import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { OperationError } from '../errors/index.ts';
import type { Credential } from './credential.ts';
import { requireMatch } from './key-matches.ts';
import { loadX509, type X509 } from './load-x509.ts';

export interface CertificateSubject {
  readonly commonName: string;
  /** Kubernetes takes it for the user's groups. */
  readonly organization?: string | undefined;
}

export interface Validity {
  /** How long, from now. */
  readonly days: number;
  /** Default: the machine's clock. */
  readonly now?: Date | undefined;
}

export interface CertificateRequest extends CertificateSubject, Validity {
  /** `peer`: both ways. etcd's members are clients of each other, and of themselves. */
  readonly usage: 'server' | 'client' | 'peer';
  /** DNS names (`*.` may lead them) and IP addresses that it is good for. */
  readonly hosts?: readonly string[] | undefined;
}

const DAY_MS = 86_400_000;
/** Clocks of other machines may be behind. */
const BACKDATED_MS = 3_600_000;

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' };
/** OpenSSL's names of curves, and the web's. */
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };

/** Makes a certificate authority: a new ECDSA P-256 key, signed by itself. */
export async function createAuthority(subject: CertificateSubject & Validity): Promise<Credential> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    keys,
    name: distinguishedName(x509, subject),
    ...period(subject),
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return toPem(x509, cert, keys);
}

/**
 * Makes a new key and a certificate for it, signed by the authority, which it doesn't outlive. Throws OperationError
 * where the authority's key is not its certificate's, or has had its time.
 */
export async function issueCertificate(authority: Credential, request: CertificateRequest): Promise<Credential> {
  requireMatch(authority, 'the certificate authority');
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(new X509Certificate(authority.cert).raw);
  const { notBefore, notAfter } = period(request);
  if (issuer.notAfter <= notBefore)
    throw new OperationError(`the certificate authority expired on ${issuer.notAfter.toISOString()}`);
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const { hosts = [], usage } = request;
  const signingKey = await importSigningKey(authority.key);
  const cert = await x509.X509CertificateGenerator.create({
    publicKey: keys.publicKey,
    signingKey,
    subject: distinguishedName(x509, request),
    issuer: issuer.subjectName,
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    signingAlgorithm: { ...SIGNATURE, name: signingKey.algorithm.name },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        ...(usage === 'client' ? [] : [x509.ExtendedKeyUsage.serverAuth]),
        ...(usage === 'server' ? [] : [x509.ExtendedKeyUsage.clientAuth]),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(hosts.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(hosts.map(generalName))]),
    ],
  });
  return toPem(x509, cert, keys);
}

/** As objects: in plain texts the library takes `#`, quotes and backslashes for its own notation. */
function distinguishedName(x509: X509, { commonName, organization }: CertificateSubject) {
  const O = organization === undefined ? [] : [{ O: [{ utf8String: organization }] }];
  return new x509.Name([...O, { CN: [{ utf8String: commonName }] }]);
}

function period({ days, now = new Date() }: Validity) {
  // Certificates count in seconds.
  const second = Math.floor(now.getTime() / 1000) * 1000;
  return { notBefore: new Date(second - BACKDATED_MS), notAfter: new Date(second + Math.round(days * DAY_MS)) };
}

function generalName(host: string) {
  return { type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host };
}

/** Authorities of others may have other keys than ours. */
async function importSigningKey(pem: Buffer): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(pem);
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  const curve = namedCurve === undefined ? undefined : CURVES[namedCurve];
  if (key.asymmetricKeyType === 'ec' && curve === undefined)
    throw new OperationError(`the authority's key is of a curve that can't be used: ${namedCurve}`);
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const algorithm =
    curve === undefined ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: curve };
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

async function toPem(
  x509: X509,
  cert: InstanceType<X509['X509Certificate']>,
  keys: webcrypto.CryptoKeyPair,
): Promise<Credential> {
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    cert: Buffer.from(`${cert.toString('pem')}\n`),
    key: Buffer.from(`${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`),
  };
}
