import { X509Certificate } from 'node:crypto';

/** What a certificate says. Nothing of it is secret. */
export interface CertificateInfo {
  /** `O=system:masters, CN=admin`. */
  readonly subject: string;
  readonly commonName: string | undefined;
  /** DNS names and IP addresses that it is good for. */
  readonly hosts: readonly string[];
  readonly issuer: string;
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256, hex with colons. */
  readonly fingerprint: string;
  readonly isAuthority: boolean;
  /** May serve, may be shown by a client. Both where the certificate doesn't limit it. */
  readonly usage: { readonly server: boolean; readonly client: boolean };
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** The certificates of a PEM text, in their order; none where there is none that can be read. */
export function parseCertificates(pem: Buffer | string): X509Certificate[] {
  return (pem.toString('latin1').match(BLOCK) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

/** What the certificates of a PEM text say, in their order. */
export function readCertificates(pem: Buffer | string): CertificateInfo[] {
  return parseCertificates(pem).map(describeCertificate);
}

export function describeCertificate(cert: X509Certificate): CertificateInfo {
  const usages: readonly string[] | undefined = cert.keyUsage;
  return {
    subject: oneLine(cert.subject),
    commonName: /^CN=(.*)$/m.exec(cert.subject)?.[1]?.replace(/\\(.)/g, '$1'),
    hosts: hostsOf(cert.subjectAltName),
    issuer: oneLine(cert.issuer),
    serial: cert.serialNumber.toLowerCase(),
    notBefore: cert.validFromDate,
    notAfter: cert.validToDate,
    fingerprint: cert.fingerprint256,
    isAuthority: cert.ca,
    usage: {
      server: usages === undefined || usages.includes(SERVER_AUTH),
      client: usages === undefined || usages.includes(CLIENT_AUTH),
    },
  };
}

function oneLine(name: string): string {
  return name.split('\n').join(', ');
}

/** Node has `DNS:a, IP Address:127.0.0.1`, IPv6 in full length. */
function hostsOf(names: string | undefined): string[] {
  return (names ?? '').split(', ').flatMap((name) => {
    if (name.startsWith('DNS:')) return [name.slice('DNS:'.length)];
    return name.startsWith('IP Address:') ? [shortAddress(name.slice('IP Address:'.length))] : [];
  });
}

function shortAddress(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
