import type { Inventory } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import type { ClientTls, ClusterAccess, ClusterQuestion } from '../etcd/index.ts';
import type { ClusterFlagValues } from './cluster-flags.ts';
import { readFlagFile } from './read-flag-file.ts';

/** What the flags say of the cluster, with files read. Throws InputError naming the flag of a file that can't be. */
export async function clusterQuestion(
  flags: ClusterFlagValues,
  inventory: Inventory | undefined,
  signal?: AbortSignal,
): Promise<ClusterQuestion> {
  const read = (path: string | undefined, flag: string) =>
    path === undefined ? undefined : readFlagFile(path, flag, signal);
  const ca = await read(flags.cacert, '--cacert');
  const cert = await read(flags.cert, '--cert');
  const key = await read(flags.key, '--key');
  const tls: ClientTls = {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(flags['insecure-skip-tls-verify'] === true && { insecureSkipVerify: true }),
  };
  return {
    inventory,
    cluster: flags.cluster,
    endpoints: flags.endpoints,
    tls: Object.keys(tls).length > 0 ? tls : undefined,
    auth: flags.user === undefined ? undefined : { user: flags.user, password: await password(flags, signal) },
    dialTimeoutMs: flags['dial-timeout'],
  };
}

/**
 * The cluster that `clusterFlags` name: its endpoints, TLS files and login, read. Where nothing is named it is the
 * inventory's only cluster, else the local one that `harness:deploy` made, else http://127.0.0.1:2379 as for etcdctl.
 * Throws InputError for what does not exist, can't be read or contradicts itself.
 */
export async function clusterAccessFrom(
  flags: ClusterFlagValues,
  inventory: Inventory | undefined,
  signal?: AbortSignal,
): Promise<ClusterAccess> {
  const question = await clusterQuestion(flags, inventory, signal);
  // Loaded on demand: --help must not pay for it.
  const { findClusterAccess } = await import('../etcd/index.ts');
  return (
    (await findClusterAccess(question)) ?? (await findClusterAccess({ ...question, endpoints: '127.0.0.1:2379' }))!
  );
}

async function password(flags: ClusterFlagValues, signal: AbortSignal | undefined): Promise<string> {
  const file = flags['password-file'];
  if (file !== undefined)
    return (await readFlagFile(file, '--password-file', signal)).toString('utf8').split(/\r?\n/, 1)[0]!;
  const fromEnvironment = process.env.ETCDPERF_PASSWORD;
  if (fromEnvironment !== undefined) return fromEnvironment;
  throw new InputError(`there is no password for ${flags.user}`, {
    where: '--user',
    hint: 'give it with --password-file, or in the environment variable ETCDPERF_PASSWORD',
  });
}
