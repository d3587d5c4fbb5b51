import {
  type ClusterCertificates,
  checkCertificates,
  type RequiredHosts,
  readCertificates,
} from '@etcdperf/core/certs';
import type { ClusterConfig } from '@etcdperf/core/config';
import type { InputProblem } from '@etcdperf/core/errors';
import { readClusterCertificates } from '@etcdperf/core/etcd';
import { CertFolder } from './cert-folder.ts';
import type { CertificateState } from './certs-report.ts';
import { OWN_NAMES } from './make-certs.ts';

const DAY_MS = 86_400_000;

export interface CertsLook {
  readonly certificates: readonly CertificateState[];
  readonly problems: readonly InputProblem[];
}

/** What a cluster's certificate files say, and what is wrong with them. Throws InputError where one can't be read. */
export async function lookAtCerts(config: ClusterConfig, hosts: RequiredHosts, now: Date): Promise<CertsLook> {
  const found = (await readClusterCertificates(config))!;
  const folder = config.tls?.madeIn === undefined ? undefined : new CertFolder(config.tls.madeIn);
  const clients = folder === undefined ? [] : await furtherClients(folder);
  const all: ClusterCertificates = { ...found, clients };
  const open = (await folder?.openToOthers()) ?? [];
  const hasCaKey = folder !== undefined && (await folder.read(folder.key('ca'))) !== undefined;
  return {
    certificates: statesOf(all, hasCaKey, now),
    problems: [
      ...checkCertificates(all, hosts, now),
      ...open.map(({ file, mode }) => ({
        where: file,
        message: `others may read it (mode ${mode})`,
        hint: `chmod 600 ${file}`,
      })),
    ],
  };
}

async function furtherClients(folder: CertFolder) {
  const names = (await folder.names()).filter((name) => name !== 'ca' && !OWN_NAMES.some((own) => own === name));
  const read = async (file: string) => ({ file, pem: (await folder.read(file)) ?? Buffer.alloc(0) });
  return Promise.all(
    names.map(async (name) => ({ cert: await read(folder.cert(name)), key: await read(folder.key(name)) })),
  );
}

function statesOf(all: ClusterCertificates, hasCaKey: boolean, now: Date): CertificateState[] {
  const { ca, clientCa, server, peer, client, clients = [] } = all;
  const of = (kind: CertificateState['kind'], { file, pem }: { file: string; pem: Buffer }, key: boolean) =>
    // What follows a certificate in its file are those that signed it.
    readCertificates(pem).map((info): CertificateState => {
      const { subject, hosts, serial, issuer, fingerprint, notBefore, notAfter } = info;
      return {
        ...{ file, kind, subject, hosts },
        notBefore: notBefore.toISOString(),
        notAfter: notAfter.toISOString(),
        expiresInDays: Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS),
        ...{ serial, issuer, fingerprint, key },
      };
    });
  return [
    ...of('ca', ca, hasCaKey),
    ...(clientCa === undefined || clientCa.pem.equals(ca.pem) ? [] : of('ca', clientCa, false)),
    ...of('server', server.cert, true),
    ...(peer === undefined ? [] : of('peer', peer.cert, true)),
    ...(client === undefined ? [] : of('client', client.cert, true)),
    ...clients.flatMap((one) => of('client', one.cert, one.key.pem.length > 0)),
  ];
}
