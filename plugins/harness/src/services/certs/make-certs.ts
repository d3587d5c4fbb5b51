import { createAuthority, issueCertificate, readCertificates } from '@etcdperf/core/certs';
import { InputError } from '@etcdperf/core/errors';
import type { CertFolder } from './cert-folder.ts';

/** The certificates that every cluster has. */
export const OWN_NAMES = ['server', 'peer', 'client'] as const;

export interface CertsPlan {
  readonly cluster: string;
  readonly folder: CertFolder;
  /** What members' certificates are to be good for: for clients, and for each other. */
  readonly hosts: readonly string[];
  readonly peerHosts: readonly string[];
  /** The etcd user that etcdperf's own client certificate names. */
  readonly clientUser: string;
  /** How long certificates last; the CA's lasts ten times as long, and ten years at least. */
  readonly days: number;
}

/** Makes what is missing, the CA first, and overwrites nothing. Returns the files that were written. */
export async function makeMissing(plan: CertsPlan): Promise<string[]> {
  const { folder } = plan;
  const states = await Promise.all(OWN_NAMES.map((name) => folder.state(name)));
  const missing = OWN_NAMES.filter((_, index) => states[index] === 'absent');
  const half = OWN_NAMES.filter((_, index) => states[index] === 'half');
  if (half.length > 0)
    throw new InputError(`of ${half.join(' and ')} only the certificate or only the key is there`, {
      where: folder.path,
      hint: 'put the other one there, or make both anew with --renew',
    });
  if (missing.length === 0) return [];
  const written: string[] = [];
  if ((await folder.read(folder.cert('ca'))) === undefined) {
    const here = (await folder.names())[0] ?? ((await folder.read(folder.key('ca'))) ? 'ca.key' : undefined);
    if (here !== undefined)
      throw new InputError(`ca.crt is not there, which is to have signed what is (${here})`, {
        where: folder.path,
        hint: 'put it there, or empty the directory to begin anew',
      });
    await folder.make();
    written.push(...(await folder.write('ca', await newAuthority(plan), false)));
  }
  for (const name of missing) written.push(...(await issue(plan, name, false)));
  return written;
}

/** New certificates and keys, of the CA that is here, in place of all that it issued. */
export async function renewAll(plan: CertsPlan): Promise<string[]> {
  const { folder } = plan;
  const others = (await folder.names()).filter((name) => name !== 'ca' && !OWN_NAMES.some((own) => own === name));
  await requireAuthority(folder);
  const written: string[] = [];
  for (const name of [...OWN_NAMES, ...others]) written.push(...(await issue(plan, name, true)));
  return written;
}

/** A further client's certificate: its name is the etcd user. */
export async function issueClient(plan: CertsPlan, user: string): Promise<string[]> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/.test(user) || user === 'ca' || OWN_NAMES.some((name) => name === user))
    throw new InputError(`'${user}' can't be a client's name`, {
      where: '--client',
      hint: `letters, digits and _ . @ -; not ca, ${OWN_NAMES.join(', ')}`,
    });
  if ((await plan.folder.state(user)) !== 'absent')
    throw new InputError(`there is a certificate of ${user} already`, {
      where: plan.folder.cert(user),
      hint: '--renew makes new ones in place of all',
    });
  return issue(plan, user, false);
}

export function newAuthority({ cluster, days }: CertsPlan) {
  return createAuthority({ commonName: `etcdperf ${cluster} CA`, days: Math.max(3650, days * 10) });
}

async function issue(plan: CertsPlan, name: string, replace: boolean): Promise<string[]> {
  const { folder, cluster, clientUser, days } = plan;
  const authority = await requireAuthority(folder);
  const isMembers = name === 'server' || name === 'peer';
  const before = readCertificates((await folder.read(folder.cert(name))) ?? '')[0];
  const credential = await issueCertificate(authority, {
    commonName: isMembers ? `${cluster} ${name}` : name === 'client' ? clientUser : (before?.commonName ?? name),
    // A member calls itself with its server certificate: as its gateway's client.
    usage: isMembers ? 'peer' : 'client',
    // What somebody asked for once stays.
    hosts: isMembers
      ? [...new Set([...(name === 'peer' ? plan.peerHosts : plan.hosts), ...(before?.hosts ?? [])])]
      : [],
    days,
  });
  return folder.write(name, credential, replace);
}

async function requireAuthority(folder: CertFolder) {
  const authority = await folder.signingAuthority();
  if (authority !== undefined) return authority;
  throw new InputError("the CA's key is not here: nothing can be signed", {
    where: folder.key('ca'),
    hint: 'put it there while certificates are made',
  });
}
