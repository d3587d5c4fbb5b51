import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** A kubeconfig made of another one. */
export interface ChangedKubeconfig extends AsyncDisposable {
  readonly path: string;
  /** The API server that the original names. */
  readonly server: string;
  /** Where the test may put files beside it. */
  readonly folder: string;
}

export interface KubeconfigChange {
  /** Keys of the cluster that are set anew; `undefined` drops one. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  /** What replaces the user's credentials. */
  readonly user?: Readonly<Record<string, unknown>>;
  /** The context's name, user, cluster and the current context are called so. Default `changed`. */
  readonly name?: string;
}

/** A name that every API server's certificate has: through a proxy it is verified by it (`tls-server-name`). */
export const API_SERVER_NAME = 'kubernetes.default.svc';

/** The current context of a kubeconfig with something else in it, in a folder of its own that goes when disposed of. */
export async function changedKubeconfig(
  file: string,
  { cluster = {}, user, name = 'changed' }: KubeconfigChange,
): Promise<ChangedKubeconfig> {
  const original = parse(await readFile(file, 'utf8'));
  const named = (list: { name: string }[], wanted: string) => list.find((entry) => entry.name === wanted);
  const { context } = named(original.contexts, original['current-context']) as never as {
    context: { cluster: string; user: string };
  };
  const { cluster: before } = named(original.clusters, context.cluster) as never as { cluster: { server: string } };
  const { user: userBefore } = named(original.users, context.user) as never as { user: object };
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-kubeconfig-'));
  const path = join(folder, 'kubeconfig');
  const changed = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { ...before, ...cluster } }],
    users: [{ name, user: user ?? userBefore }],
    contexts: [{ name, context: { ...context, cluster: name, user: name } }],
  };
  await writeFile(path, stringify(changed), { mode: 0o600 });
  return {
    path,
    server: before.server,
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
