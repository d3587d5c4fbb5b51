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
  /** The name that a server's certificate must be for, where it isn't the endpoint's: behind a forwarded port. */
  readonly serverName?: string;
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

/**
 * Where clients on this machine reach a cluster of the inventory: its saved endpoints, else its members in their order.
 * Throws InputError for one on Kubernetes without endpoints.
 */
export function clusterEndpoints(inventory: Inventory, name?: string): readonly string[] {
  const cluster = pickCluster(inventory, name);
  if (cluster.endpoints !== undefined) return cluster.endpoints;
  if (cluster.kubernetes !== undefined)
    throw new InputError(`the inventory doesn't say where cluster ${cluster.name} is reached`, {
      where: inventory.path,
      hint: `etcdperf harness:endpoints ${cluster.name} --save tries all ways to it and writes those that work`,
    });
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
  const hint = tls?.madeIn === undefined ? undefined : `etcdperf harness:certs ${cluster.name} makes the certificates`;
  const read = (file: string) => readInputFile(file, where, hint);
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
export async function readInputFile(file: string, where: string, hint?: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new InputError(`can't read ${file}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, {
      where,
      hint,
      cause,
    });
  });
}

function passwordFrom(variable: string | undefined, where: string): string {
  const password = variable === undefined ? undefined : process.env[variable];
  if (password !== undefined) return password;
  throw new InputError(`the environment variable ${variable ?? ''} with etcd's password is not set`, { where });
}
