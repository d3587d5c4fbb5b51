import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type CertificateRequest, type Credential, createAuthority, issueCertificate } from '../../certs/index.ts';
import type { LabAddresses } from './addresses.ts';

const DAYS = 365;
const API_NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/**
 * Writes the control plane's certificates and kubeconfigs to `pki/` of the lab, each node's into what its disk starts
 * with, and `kubeconfig` for people: all readable by root alone.
 */
export async function writePki(dir: string, addresses: LabAddresses): Promise<void> {
  // The authority's key is never written anywhere.
  const authority = await createAuthority({ commonName: 'etcdperf lab CA', days: DAYS });
  const issue = (request: Omit<CertificateRequest, 'days'>) => issueCertificate(authority, { ...request, days: DAYS });
  const folder = join(dir, 'pki');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const write = (path: string, content: string | Buffer) => writeFile(path, content, { mode: 0o600 });
  const pair = async (at: string, name: string, request: Omit<CertificateRequest, 'days'>) => {
    const issued = await issue(request);
    await write(join(at, `${name}.crt`), issued.cert);
    await write(join(at, `${name}.key`), issued.key);
  };
  const kubeconfig = async (path: string, user: string, organization?: string) => {
    const issued = await issue({ commonName: user, organization, usage: 'client' });
    await write(path, renderKubeconfig(addresses.apiServer, authority.cert, user, issued));
  };
  const service = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const masters = 'system:masters';
  await Promise.all([
    write(join(folder, 'ca.crt'), authority.cert),
    write(join(folder, 'service-account.key'), String(service.privateKey.export({ type: 'sec1', format: 'pem' }))),
    write(join(folder, 'service-account.pub'), String(service.publicKey.export({ type: 'spki', format: 'pem' }))),
    pair(folder, 'kube-apiserver', {
      commonName: 'kube-apiserver',
      usage: 'server',
      hosts: [...API_NAMES, '127.0.0.1', addresses.controlPlane, addresses.apiService],
    }),
    pair(folder, 'kubelet-client', {
      commonName: 'kube-apiserver-kubelet-client',
      organization: masters,
      usage: 'client',
    }),
    kubeconfig(join(dir, 'kubeconfig'), 'admin', masters),
    kubeconfig(join(folder, 'kube-controller-manager.kubeconfig'), 'system:kube-controller-manager', masters),
    kubeconfig(join(folder, 'kube-scheduler.kubeconfig'), 'system:kube-scheduler'),
    kubeconfig(join(folder, 'coredns.kubeconfig'), 'coredns', masters),
    ...addresses.nodes.flatMap((node) => {
      const at = join(dir, 'hosts', node.name, 'files/etc/kubernetes');
      return [
        write(join(at, 'ca.crt'), authority.cert),
        pair(at, 'kubelet', {
          commonName: `system:node:${node.name}`,
          usage: 'server',
          hosts: [node.name, node.address, '127.0.0.1'],
        }),
        kubeconfig(join(at, 'kubelet.kubeconfig'), `system:node:${node.name}`, 'system:nodes'),
        kubeconfig(join(at, 'proxy.kubeconfig'), 'system:kube-proxy'),
      ];
    }),
  ]);
}

function renderKubeconfig(server: string, ca: Buffer, user: string, issued: Credential): string {
  const encode = (pem: Buffer) => pem.toString('base64');
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
