import { OperationError } from '@etcdperf/core/errors';
import {
  type ConnectChoices,
  type FoundCluster,
  installCertificates,
  type KubernetesCluster,
  membersWithOtherCas,
  openClusterHosts,
  readTlsFiles,
} from '@etcdperf/core/etcd';
import type { Kube, Secret } from '@etcdperf/core/kube';
import { backendOf } from '../kubernetes/backend-of.ts';
import { isOfCluster } from '../kubernetes/cluster-labels.ts';
import type { ClusterObject } from '../kubernetes/cluster-object.ts';
import { planKubernetes } from '../kubernetes/kubernetes-plan.ts';
import type { Installed } from './certs-report.ts';

/** Puts a cluster's certificates where its members take them from. `kube` is for a cluster on Kubernetes. */
export async function installCerts(
  found: FoundCluster,
  kube: Kube | undefined,
  choices: ConnectChoices,
): Promise<Installed[]> {
  if (found.kind === 'kubernetes') return installSecrets(found, kube!, choices.signal);
  const tls = (await readTlsFiles(found.config))!;
  await using hosts = await openClusterHosts(found, choices);
  const { plan, site } = hosts;
  const installed = await installCertificates({ plan, site, tls, signal: choices.signal });
  return installed.map((one) => ({ kind: 'host', ...one }));
}

/** The names of running members that trust other CAs than those that are here. On Kubernetes that isn't known. */
export async function withOtherCas(found: FoundCluster, choices: ConnectChoices): Promise<readonly string[]> {
  if (found.kind === 'kubernetes') return [];
  const tls = (await readTlsFiles(found.config))!;
  await using hosts = await openClusterHosts(found, choices);
  const { plan, site } = hosts;
  return membersWithOtherCas({ plan, site, tls, signal: choices.signal });
}

async function installSecrets(
  { config }: KubernetesCluster,
  kube: Kube,
  signal: AbortSignal | undefined,
): Promise<Installed[]> {
  const namespace = config.kubernetes.namespace ?? kube.namespace;
  const backend = await backendOf(config);
  const secrets = backend
    .clusterObjects(await planKubernetes(config, namespace))
    .filter(({ kind }) => kind === 'Secret');
  const standing = await Promise.all(
    secrets.map(({ metadata: { name } }) =>
      kube.get<Secret>({ apiVersion: 'v1', kind: 'Secret', name, namespace }, { signal }),
    ),
  );
  const foreign = standing.find((one) => one !== undefined && !isOfCluster(one as ClusterObject, config.name));
  if (foreign !== undefined)
    throw new OperationError(`the secret ${foreign.metadata?.name} is not etcdperf's`, {
      where: `namespace ${namespace}`,
      hint: 'remove it, or give the cluster another name; nothing was touched',
    });
  const installed: Installed[] = [];
  for (const [index, secret] of secrets.entries()) {
    const before = standing[index]?.data;
    const wanted = secret.data as Readonly<Record<string, string>>;
    const changed = Object.keys(wanted).filter((file) => before?.[file] !== wanted[file]);
    const { name } = secret.metadata;
    if (changed.length > 0) await kube.apply(secret as object, { signal });
    const kind = before === undefined ? 'created' : changed.length > 0 ? 'installed' : 'unchanged';
    const restart =
      kind === 'installed' && !name.endsWith('-client-tls') && changed.some((file) => file.endsWith('ca.crt'));
    installed.push({ kind: 'secret', name, namespace, result: { kind, restart } });
  }
  return installed;
}
