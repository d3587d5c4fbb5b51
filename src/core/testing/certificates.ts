import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, both PEM. */
export interface Credential {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface TestCertificates {
  readonly ca: Buffer;
  /** Valid for `localhost`, `127.0.0.1`, `::1`, as server and as client. */
  readonly server: Credential;
  /** CN is the user name where etcd authenticates by certificate. */
  readonly client: Credential;
}

/**
 * Makes a fresh certificate authority and one certificate each for a server and a client, valid for a day, or not valid
 * since yesterday.
 */
export function makeCertificates(
  options: { readonly clientName?: string; readonly expired?: 'server' | 'client' } = {},
): TestCertificates {
  const authority = newKey();
  const authorityName = distinguishedName('etcdperf test CA');
  const authorityDer = certificate({
    subject: authorityName,
    subjectKey: authority,
    issuer: authorityName,
    issuerKey: authority,
    extensions: [extension('551d13', true, sequence(BOOLEAN_TRUE))],
    days: [-3, 1],
  });
  const leaf = (commonName: string, isExpired: boolean): Credential => {
    const key = newKey();
    const der = certificate({
      subject: distinguishedName(commonName),
      subjectKey: key,
      issuer: authorityName,
      issuerKey: authority,
      extensions: [LOCAL_NAMES, CLIENT_AND_SERVER],
      days: isExpired ? [-2, -1] : [-1, 1],
    });
    return {
      cert: pem('CERTIFICATE', der),
      key: Buffer.from(key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
    };
  };
  return {
    ca: pem('CERTIFICATE', authorityDer),
    server: leaf('localhost', options.expired === 'server'),
    client: leaf(options.clientName ?? 'client', options.expired === 'client'),
  };
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function newKey(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { publicKey, privateKey: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

// The little of DER (X.690) and X.509 (RFC 5280) that a test certificate needs: node can read certificates, not make
// them, and tests should not need an openssl program.

const tagged = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 128
      ? Buffer.from([body.length])
      : body.length < 256
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x82, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
};
const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, ...parts);
const objectId = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));
const bitString = (bytes: Buffer): Buffer => tagged(0x03, Buffer.from([0]), bytes);
const BOOLEAN_TRUE = Buffer.from([0x01, 0x01, 0xff]);
const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));

function extension(idHex: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(objectId(idHex), ...(isCritical ? [BOOLEAN_TRUE] : []), tagged(0x04, value));
}

const LOCAL_NAMES = extension(
  '551d11',
  false,
  sequence(
    tagged(0x82, Buffer.from('localhost')),
    tagged(0x87, Buffer.from([127, 0, 0, 1])),
    tagged(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])])),
  ),
);
const CLIENT_AND_SERVER = extension(
  '551d25',
  false,
  sequence(objectId('2b06010505070301'), objectId('2b06010505070302')),
);

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(objectId('550403'), tagged(0x0c, Buffer.from(commonName)))));
}

function utcTime(date: Date): Buffer {
  return tagged(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}

function certificate(parts: {
  subject: Buffer;
  subjectKey: KeyPair;
  issuer: Buffer;
  issuerKey: KeyPair;
  extensions: Buffer[];
  /** From and to when it is valid, in days from now. */
  days: readonly [number, number];
}): Buffer {
  const serial = randomBytes(8);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const body = sequence(
    tagged(0xa0, Buffer.from([0x02, 0x01, 0x02])),
    tagged(0x02, serial),
    ECDSA_WITH_SHA256,
    parts.issuer,
    sequence(...parts.days.map((day) => utcTime(new Date(Date.now() + day * 86_400_000)))),
    parts.subject,
    parts.subjectKey.publicKey.export({ type: 'spki', format: 'der' }) as Buffer,
    tagged(0xa3, sequence(...parts.extensions)),
  );
  return sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, parts.issuerKey.privateKey)));
}

function pem(label: string, der: Buffer): Buffer {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return Buffer.from(`-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`);
}
