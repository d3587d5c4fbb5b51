import { endpointUrl, type KubernetesCluster } from '@etcdperf/core/etcd';
import { type Kube, KubeError, type KubeNode, type Pod, type Service } from '@etcdperf/core/kube';
import { clientPort, serviceNames } from '../kubernetes/client-services.ts';
import type { ClusterMembers } from '../members/cluster-members.ts';
import type { Way } from './endpoints-report.ts';

export interface FoundWays {
  readonly ways: readonly Way[];
  /** What could not be looked at, or is not there yet. */
  readonly notes: readonly string[];
}

/** Every way to a cluster on Kubernetes: its pods, services, nodes, and the names that the user gave. */
export async function kubernetesWays(
  { config }: KubernetesCluster,
  { members }: ClusterMembers,
  signal?: AbortSignal,
): Promise<FoundWays> {
  const pods = members.filter((member) => member.kind === 'pod');
  const [first] = pods;
  if (first === undefined) return { ways: [], notes: [] };
  const { kube, namespace } = first;
  const notes: string[] = [];
  const secure = first.clientUrl.startsWith('https:');
  // The names that the operators' own certificates are for.
  const domain = config.kubernetes.operator === 'etcd-io' ? 'svc.cluster.local' : 'svc';
  const port = clientPort({ config, namespace, tls: undefined });
  const names = serviceNames(config.name);
  const look = new Look(kube, namespace, notes, signal);
  const [client, nodePort, loadBalancer, nodes, addresses] = await Promise.all([
    look.service(names.client),
    look.service(names.nodePort),
    look.service(names.loadBalancer),
    look.nodes(),
    look.podAddresses(pods.map(({ pod }) => pod)),
  ]);
  const way = (kind: Way['kind'], through: string, host: string, at = port): Way => ({
    kind,
    through,
    url: endpointUrl(secure, host, at),
  });
  const openPort = portOf(nodePort, 'nodePort') ?? portOf(loadBalancer, 'nodePort');
  const ingress = loadBalancer?.status?.loadBalancer?.ingress ?? [];
  if (loadBalancer !== undefined && ingress.length === 0) notes.push(`${names.loadBalancer} has no address yet`);
  return {
    notes,
    ways: [
      ...pods.map(({ name }) => way('member-dns', name, `${name}.${config.name}.${namespace}.${domain}`)),
      ...(openPort === undefined ? [] : nodes.map(({ name, address }) => way('node-port', name, address, openPort))),
      ...config.kubernetes.services.vip.flatMap((vip) => vipWay(vip, openPort, secure)),
      ...ingress.flatMap(({ ip, hostname }) => {
        const host = ip ?? hostname;
        return host === undefined ? [] : way('load-balancer', names.loadBalancer, host, portOf(loadBalancer, 'port'));
      }),
      ...(client === undefined
        ? []
        : [way('service-dns', names.client, `${names.client}.${namespace}.svc`, portOf(client, 'port'))]),
      ...(client?.spec?.clusterIP === undefined || client.spec.clusterIP === 'None'
        ? []
        : [way('cluster-ip', names.client, client.spec.clusterIP, portOf(client, 'port'))]),
      ...[...addresses].map(([name, address]) => way('pod', name, address)),
      ...pods.map(({ name, clientUrl }) => ({ kind: 'forward' as const, through: name, url: clientUrl })),
    ],
  };
}

/** Asks the API server; what it may not be asked is noted and taken as not there. */
class Look {
  readonly #kube: Kube;
  readonly #namespace: string;
  readonly #notes: string[];
  readonly #signal: AbortSignal | undefined;

  constructor(kube: Kube, namespace: string, notes: string[], signal: AbortSignal | undefined) {
    this.#kube = kube;
    this.#namespace = namespace;
    this.#notes = notes;
    this.#signal = signal;
  }

  async service(name: string): Promise<Service | undefined> {
    const ref = { apiVersion: 'v1', kind: 'Service', name, namespace: this.#namespace };
    return this.#allowed(this.#kube.get<Service>(ref, { signal: this.#signal }), undefined);
  }

  /** Where each node is reached from outside, if it says so, else from inside. */
  async nodes(): Promise<{ name: string; address: string }[]> {
    const nodes = await this.#allowed(
      this.#kube.list<KubeNode>({ apiVersion: 'v1', kind: 'Node' }, { signal: this.#signal }),
      [],
    );
    return nodes.flatMap(({ metadata, status }) => {
      const addresses = status?.addresses ?? [];
      const found = ['ExternalIP', 'InternalIP'].flatMap((type) => addresses.find((one) => one.type === type) ?? [])[0];
      return found === undefined ? [] : [{ name: metadata?.name ?? '', address: found.address }];
    });
  }

  async podAddresses(names: readonly string[]): Promise<Map<string, string>> {
    const query = { apiVersion: 'v1', kind: 'Pod', namespace: this.#namespace };
    const pods = await this.#allowed(this.#kube.list<Pod>(query, { signal: this.#signal }), []);
    return new Map(
      pods.flatMap(({ metadata, status }) => {
        const name = metadata?.name ?? '';
        return names.includes(name) && status?.podIP !== undefined ? [[name, status.podIP] as const] : [];
      }),
    );
  }

  async #allowed<T>(question: Promise<T>, otherwise: T): Promise<T> {
    return question.catch((error: unknown) => {
      if (!(error instanceof KubeError) || error.status !== 403) throw error;
      this.#notes.push(error.message);
      return otherwise;
    });
  }
}

function portOf(service: Service | undefined, which: 'port' | 'nodePort'): number | undefined {
  return service?.spec?.ports?.[0]?.[which];
}

/** `name`, `name:port`, `address`, `[address]:port`; without a port the node port is meant. */
function vipWay(vip: string, nodePort: number | undefined, secure: boolean): Way[] {
  const url = URL.parse(`etcd://${vip}`) ?? URL.parse(`etcd://[${vip}]`);
  const port = url?.port === '' ? nodePort : Number(url?.port);
  if (url == null || port === undefined) return [];
  return [{ kind: 'vip', through: vip, url: endpointUrl(secure, url.hostname.replace(/^\[|\]$/g, ''), port) }];
}
