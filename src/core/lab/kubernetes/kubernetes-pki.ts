import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LabAddresses } from './addresses.ts';

/** A certificate and its key, PEM. */
interface Issued {
  readonly cert: string;
  readonly key: string;
}

interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
}

export interface LabPki {
  readonly ca: string;
  issue(subject: Subject): Promise<Issued>;
}

const DAYS = 365;
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate authority for one lab; its key is never written anywhere. */
export async function makeLabPki(): Promise<LabPki> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + DAYS * 86_400_000) };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=etcdperf lab CA',
    keys,
    ...validity,
    signingAlgorithm: EC,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const issue = async (subject: Subject): Promise<Issued> => {
    const own = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
    const names = [
      ...(subject.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
      ...(subject.ips ?? []).map((value) => ({ type: 'ip' as const, value })),
    ];
    const cert = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [subject.commonName] }, ...(subject.organization ? [{ O: [subject.organization] }] : [])],
      issuer: authority.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      ...validity,
      signingAlgorithm: EC,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      ],
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey));
    return { cert: cert.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
  };
  return { ca: authority.toString('pem'), issue };
}

/**
 * Writes the control plane's certificates and kubeconfigs to `pki/` of the lab, each node's into what its disk starts
 * with, and `kubeconfig` for people: all readable by root alone. What that kubeconfig says.
 */
export async function writePki(dir: string, addresses: LabAddresses): Promise<void> {
  const pki = await makeLabPki();
  const folder = join(dir, 'pki');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const write = (path: string, text: string) => writeFile(path, text, { mode: 0o600 });
  const pair = async (at: string, name: string, subject: Subject) => {
    const issued = await pki.issue(subject);
    await write(join(at, `${name}.crt`), issued.cert);
    await write(join(at, `${name}.key`), issued.key);
  };
  const kubeconfig = async (path: string, user: string, organization?: string) => {
    const issued = await pki.issue({ commonName: user, ...(organization === undefined ? {} : { organization }) });
    await write(path, renderKubeconfig(addresses.apiServer, pki.ca, user, issued));
  };
  const service = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const masters = 'system:masters';
  await Promise.all([
    write(join(folder, 'ca.crt'), pki.ca),
    write(join(folder, 'service-account.key'), String(service.privateKey.export({ type: 'sec1', format: 'pem' }))),
    write(join(folder, 'service-account.pub'), String(service.publicKey.export({ type: 'spki', format: 'pem' }))),
    pair(folder, 'kube-apiserver', {
      commonName: 'kube-apiserver',
      dns: [
        'localhost',
        ...['', '.default', '.default.svc', '.default.svc.cluster.local'].map((end) => `kubernetes${end}`),
      ],
      ips: ['127.0.0.1', addresses.controlPlane, addresses.apiService],
    }),
    pair(folder, 'kubelet-client', { commonName: 'kube-apiserver-kubelet-client', organization: masters }),
    kubeconfig(join(dir, 'kubeconfig'), 'admin', masters),
    kubeconfig(join(folder, 'kube-controller-manager.kubeconfig'), 'system:kube-controller-manager', masters),
    kubeconfig(join(folder, 'kube-scheduler.kubeconfig'), 'system:kube-scheduler'),
    kubeconfig(join(folder, 'coredns.kubeconfig'), 'coredns', masters),
    ...addresses.nodes.flatMap((node) => {
      const at = join(dir, 'hosts', node.name, 'files/etc/kubernetes');
      return [
        write(join(at, 'ca.crt'), pki.ca),
        pair(at, 'kubelet', {
          commonName: `system:node:${node.name}`,
          dns: [node.name],
          ips: [node.address, '127.0.0.1'],
        }),
        kubeconfig(join(at, 'kubelet.kubeconfig'), `system:node:${node.name}`, 'system:nodes'),
        kubeconfig(join(at, 'proxy.kubeconfig'), 'system:kube-proxy'),
      ];
    }),
  ]);
}

function renderKubeconfig(server: string, ca: string, user: string, issued: Issued): string {
  const encode = (pem: string) => Buffer.from(pem).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server, 'certificate-authority-data': encode(ca) } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': encode(issued.cert), 'client-key-data': encode(issued.key) },
      },
    ],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user, namespace: 'default' } }],
    'current-context': 'lab',
  });
}
