import { connectHosts, terminalPrompt } from '../ssh/index.ts';
import { type ClusterAccess, clusterCredentials } from './cluster-access.ts';
import { type ClusterPlan, planCluster } from './cluster-plan.ts';
import type { ProcessCluster } from './find-cluster.ts';
import type { MemberSite } from './inspect-members.ts';
import { localSite, planLocalCluster } from './local-cluster.ts';

export interface ConnectChoices {
  readonly forks?: number | undefined;
  readonly acceptNew?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** No client is needed: the cluster's certificates and password may be gone. */
  readonly withoutCredentials?: boolean | undefined;
}

/** A cluster with the way to its hosts; nothing is connected before the first use. */
export interface ClusterHosts extends AsyncDisposable {
  readonly plan: ClusterPlan;
  readonly access: ClusterAccess;
  readonly site: (host: string) => MemberSite;
  /** Open files that members should have. */
  readonly nofile: number;
}

/** What members get where no inventory says it. A lower hard limit of the machine wins. */
const LOCAL_NOFILE = 65_536;

/** Throws InputError when a file or password that the cluster's settings name can't be read. */
export async function openClusterHosts(found: ProcessCluster, choices: ConnectChoices = {}): Promise<ClusterHosts> {
  const credentials = choices.withoutCredentials ? {} : await clusterCredentials(found.config);
  const accessTo = (plan: ClusterPlan) => ({
    endpoints: plan.members.map((member) => member.clientUrl),
    ...credentials,
  });
  if (found.kind === 'local') {
    const plan = planLocalCluster(found.config, found.dir);
    const site = localSite(found.dir);
    return {
      plan,
      access: accessTo(plan),
      site: () => site,
      nofile: LOCAL_NOFILE,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  const { config, inventory } = found;
  const { workDir } = inventory;
  const hostOfMember = new Map(config.members.map((member) => [member.name, member.host]));
  const hosts = inventory.hosts.filter((host) => config.members.some((member) => member.host === host.name));
  const hostNamed = new Map(hosts.map((host) => [host.name, host]));
  const hostOf = (member: string) => hostNamed.get(hostOfMember.get(member) ?? '')!;
  const plan = planCluster(config, { workDir, hostOf });
  const connections = connectHosts(hosts, { ...choices, prompt: terminalPrompt() });
  return {
    plan,
    access: accessTo(plan),
    site: (host) => ({ executor: connections.executor(host), workDir }),
    nofile: inventory.limits.nofile,
    [Symbol.asyncDispose]: () => connections.close(),
  };
}
