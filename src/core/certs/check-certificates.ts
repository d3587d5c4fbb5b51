import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { InputProblem } from '../errors/index.ts';
import { keyMatches } from './key-matches.ts';
import { parseCertificates } from './read-certificates.ts';
import { signerOf } from './signer-of.ts';

/** A file's name, for messages, and its PEM content. */
export interface PemFile {
  readonly file: string;
  readonly pem: Buffer;
}

export interface CredentialFiles {
  readonly cert: PemFile;
  readonly key: PemFile;
}

/** All that the members of a cluster, and its clients here, use. */
export interface ClusterCertificates {
  readonly ca: PemFile;
  readonly server: CredentialFiles;
  /** Undefined: members show each other the server's. */
  readonly peer?: CredentialFiles | undefined;
  /** Clients must show a certificate that this signed. */
  readonly clientCa?: PemFile | undefined;
  readonly client?: CredentialFiles | undefined;
  /** Issued to others. */
  readonly clients?: readonly CredentialFiles[] | undefined;
}

/** One name, or several of which one must do. */
export type RequiredHost = string | readonly string[];

/** The names and addresses that members are reached at: by clients, and by each other. */
export interface RequiredHosts {
  readonly server: readonly RequiredHost[];
  readonly peer: readonly RequiredHost[];
}

/**
 * What makes certificates useless for a cluster: those that can't be read, whose time is over or has not come, whose key
 * is another's, that their CA did not sign, that may not be used for it, or are not for the members' names. Empty where
 * all is well. Pure.
 */
export function checkCertificates(
  certificates: ClusterCertificates,
  hosts: RequiredHosts,
  now = new Date(),
): InputProblem[] {
  const { ca, server, peer, clientCa, client, clients = [] } = certificates;
  const mutual = clientCa !== undefined;
  return [
    ...checkAuthority(ca),
    ...(mutual && !clientCa.pem.equals(ca.pem) ? checkAuthority(clientCa) : []),
    ...(peer === undefined
      ? checkLeaf(server, { ca, hosts: [...hosts.server, ...hosts.peer], now, use: mutual ? 'both' : 'server' })
      : checkLeaf(server, { ca, hosts: hosts.server, now, use: 'server' })),
    ...(peer === undefined ? [] : checkLeaf(peer, { ca, hosts: hosts.peer, now, use: 'both' })),
    ...[...(client === undefined ? [] : [client]), ...clients].flatMap((one) =>
      checkLeaf(one, { ca: clientCa ?? ca, hosts: [], now, use: 'client' }),
    ),
  ];
}

const NO_CERTIFICATE = 'there is no certificate in it';

function checkAuthority({ file, pem }: PemFile): InputProblem[] {
  const found = parseCertificates(pem);
  if (found.length === 0) return [{ where: file, message: NO_CERTIFICATE }];
  return found.some((cert) => cert.ca) ? [] : [{ where: file, message: 'it is not the certificate of an authority' }];
}

interface Purpose {
  readonly ca: PemFile;
  readonly hosts: readonly RequiredHost[];
  readonly now: Date;
  readonly use: 'server' | 'client' | 'both';
}

function checkLeaf({ cert, key }: CredentialFiles, { ca, hosts, now, use }: Purpose): InputProblem[] {
  const where = cert.file;
  const [leaf, ...between] = parseCertificates(cert.pem);
  if (leaf === undefined) return [{ where, message: NO_CERTIFICATE }];
  const problems: InputProblem[] = [];
  const time = timeOf(leaf, now);
  if (time !== undefined) problems.push({ where, message: time });
  if (!keyMatches({ cert: cert.pem, key: key.pem }))
    problems.push({ where: key.file, message: `it is not the key of ${cert.file}` });
  const authorities = parseCertificates(ca.pem);
  const signer = signerOf(leaf, authorities, between);
  if (signer === undefined && authorities.length > 0)
    problems.push({ where, message: `it is not signed by the CA in ${ca.file}` });
  const signerTime = signer && timeOf(signer, now);
  if (signerTime !== undefined) problems.push({ where: ca.file, message: signerTime });
  const missing = missingUse(leaf, use);
  if (missing !== undefined) problems.push({ where, message: missing });
  const uncovered = hosts.filter((host) => !covers(leaf, host)).map((host) => [host].flat()[0]);
  if (uncovered.length > 0) problems.push({ where, message: `it is not for ${[...new Set(uncovered)].join(', ')}` });
  return problems;
}

/** Why the first certificate of a PEM text is not valid now; undefined where it is. */
export function timeProblem(pem: Buffer, now = new Date()): string | undefined {
  const [cert] = parseCertificates(pem);
  return cert === undefined ? NO_CERTIFICATE : timeOf(cert, now);
}

function timeOf(cert: X509Certificate, now: Date): string | undefined {
  if (cert.validToDate <= now) return `it expired on ${day(cert.validToDate)}`;
  return cert.validFromDate > now ? `it is not valid before ${cert.validFromDate.toISOString()}` : undefined;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

const USES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

function missingUse(cert: X509Certificate, use: Purpose['use']): string | undefined {
  const allowed: readonly string[] | undefined = cert.keyUsage;
  if (allowed === undefined) return undefined;
  for (const [name, id] of Object.entries(USES))
    if ((use === 'both' || use === name) && !allowed.includes(id)) return `it may not be used as a ${name}'s`;
  return undefined;
}

/** As etcd checks it: the subject's name doesn't count. */
function covers(cert: X509Certificate, required: RequiredHost): boolean {
  return [required].flat().some((host) => {
    if (isIP(host) !== 0) return cert.checkIP(host) !== undefined;
    return cert.checkHost(host, { subject: 'never', partialWildcards: false }) !== undefined;
  });
}
