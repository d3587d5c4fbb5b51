import { type Credential, createAuthority, issueCertificate } from '../certs/index.ts';

export type { Credential };

export interface TestCertificates {
  readonly ca: Buffer;
  /** Valid for `localhost`, `127.0.0.1`, `::1`, as server and as client. */
  readonly server: Credential;
  /** CN is the user name where etcd authenticates by certificate. */
  readonly client: Credential;
}

const DAY_MS = 86_400_000;

/**
 * Makes a fresh certificate authority and one certificate each for a server and a client, valid for a day, or not valid
 * since yesterday.
 */
export async function makeCertificates(
  options: { readonly clientName?: string; readonly expired?: 'server' | 'client' } = {},
): Promise<TestCertificates> {
  const authority = await createAuthority({ commonName: 'etcdperf test CA', days: 2 });
  const leaf = (commonName: string, isExpired: boolean) =>
    issueCertificate(authority, {
      commonName,
      usage: 'peer',
      hosts: ['localhost', '127.0.0.1', '::1'],
      days: 1,
      ...(isExpired && { now: new Date(Date.now() - 2 * DAY_MS) }),
    });
  const [server, client] = await Promise.all([
    leaf('localhost', options.expired === 'server'),
    leaf(options.clientName ?? 'client', options.expired === 'client'),
  ]);
  return { ca: authority.cert, server, client };
}
