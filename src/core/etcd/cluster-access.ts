import { readFile } from 'node:fs/promises';
import type { ClusterConfig, Inventory } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import { endpointUrl } from './endpoint-url.ts';

/** All that a client needs to reach a cluster. Holds secrets: never to be printed or written to a run folder. */
export interface ClusterAccess {
  /** `http(s)://address:port`, one per member. */
  readonly endpoints: readonly string[];
  readonly tls?: ClientTls;
  readonly auth?: { readonly user: string; readonly password: string };
  /** For connecting. Without it, each client has its own default. */
  readonly dialTimeoutMs?: number;
}

/** PEM texts. Without `ca` the system's roots are trusted. */
export interface ClientTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Whatever certificate a server shows is taken. */
  readonly insecureSkipVerify?: boolean;
}

/** The cluster of that name; without a name the only one. Throws InputError naming those that exist. */
export function pickCluster(inventory: Inventory, name?: string): ClusterConfig {
  const names = [...inventory.clusters.keys()];
  const found = name === undefined ? (names.length === 1 ? names[0] : undefined) : name;
  const cluster = found === undefined ? undefined : inventory.clusters.get(found);
  if (cluster !== undefined) return cluster;
  if (names.length === 0)
    throw new InputError('the inventory has no clusters', {
      where: inventory.path,
      hint: "describe one under 'clusters:' (conf/inventory.yaml shows how)",
    });
  if (name === undefined)
    throw new InputError(`which cluster? The inventory has ${names.join(', ')}`, { where: inventory.path });
  throw new InputError(`there is no cluster '${name}'`, {
    where: inventory.path,
    hint: `the inventory has ${names.join(', ')}`,
  });
}

/** The client URLs of a cluster in the inventory, in the order of its members. */
export function clusterEndpoints(inventory: Inventory, name?: string): string[] {
  const cluster = pickCluster(inventory, name);
  const addresses = new Map(inventory.hosts.map((host) => [host.name, host.address]));
  return cluster.members.map((member) =>
    endpointUrl(
      cluster.tls !== undefined,
      (member.host === undefined ? undefined : addresses.get(member.host)) ?? '127.0.0.1',
      member.clientPort,
    ),
  );
}

/** Endpoints, TLS files and password of a cluster in the inventory, read from this machine. */
export async function clusterAccess(inventory: Inventory, name?: string): Promise<ClusterAccess> {
  const cluster = pickCluster(inventory, name);
  return { endpoints: clusterEndpoints(inventory, cluster.name), ...(await clusterCredentials(cluster)) };
}

/** What a cluster's settings say about TLS and login, with the files read. Throws InputError for a file that can't be. */
export async function clusterCredentials(cluster: ClusterConfig): Promise<Omit<ClusterAccess, 'endpoints'>> {
  const { tls, auth } = cluster;
  const where = `cluster ${cluster.name}`;
  const read = (file: string) => readInputFile(file, where);
  return {
    ...(tls !== undefined && {
      tls: {
        ca: await read(tls.caFile),
        ...(tls.clientCertFile !== undefined && { cert: await read(tls.clientCertFile) }),
        ...(tls.clientKeyFile !== undefined && { key: await read(tls.clientKeyFile) }),
      },
    }),
    ...(auth !== undefined && {
      auth: {
        user: auth.user,
        password:
          auth.passwordFile === undefined
            ? passwordFrom(auth.passwordEnv, where)
            : (await read(auth.passwordFile)).toString('utf8').split(/\r?\n/, 1)[0]!,
      },
    }),
  };
}

/** A file that the user named. Throws InputError when it can't be read. */
export async function readInputFile(file: string, where: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new InputError(`can't read ${file}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, {
      where,
      cause,
    });
  });
}

function passwordFrom(variable: string | undefined, where: string): string {
  const password = variable === undefined ? undefined : process.env[variable];
  if (password !== undefined) return password;
  throw new InputError(`the environment variable ${variable ?? ''} with etcd's password is not set`, { where });
}
