import type { Inventory } from '@etcdperf/core/config';
import type { InputProblem } from '@etcdperf/core/errors';
import { InputError } from '@etcdperf/core/errors';
import type { ConnectChoices, FoundCluster } from '@etcdperf/core/etcd';
import type { Kube } from '@etcdperf/core/kube';
import { requiredHosts } from './cert-hosts.ts';
import type { CertsReport, Installed } from './certs-report.ts';
import { installCerts, withOtherCas } from './install-certs.ts';
import { lookAtCerts } from './look-at-certs.ts';
import { type CertsPlan, issueClient, makeMissing, renewAll } from './make-certs.ts';
import { planCerts } from './plan-certs.ts';
import { type RotationMembers, rotateAuthority } from './rotate-authority.ts';

/** What is done before the certificates are looked at. */
export type CertsTask =
  /** Nothing is written. */
  | { readonly kind: 'check' }
  /** What is missing is made. */
  | { readonly kind: 'make' }
  | { readonly kind: 'renew' }
  | { readonly kind: 'rotate-ca' }
  | { readonly kind: 'client'; readonly user: string };

export interface CertsChoices extends ConnectChoices {
  readonly task: CertsTask;
  /** Where a cluster without TLS could say that it is to have some. */
  readonly inventory: Inventory | undefined;
  /** Put them where members take them from, if they are good. */
  readonly install: boolean;
  /** Further names and addresses for members' certificates. */
  readonly hosts?: readonly string[] | undefined;
  readonly days: number;
  /** What expires within this time is told. */
  readonly withinMs: number;
  readonly onStep?: ((text: string) => void) | undefined;
}

/**
 * Makes, renews, checks and installs a cluster's certificates. Throws InputError where it has no TLS, or where files are
 * in the way.
 */
export async function careForCerts(found: FoundCluster, choices: CertsChoices): Promise<CertsReport> {
  const { config } = found;
  const { tls } = config;
  if (tls === undefined)
    throw new InputError(`cluster ${config.name} has no TLS`, withoutTls(config.name, choices.inventory));
  const { task, install, signal, onStep } = choices;
  if (tls.madeIn === undefined && task.kind !== 'check' && task.kind !== 'make')
    throw new InputError(`the certificates of cluster ${config.name} are not made by etcdperf`, {
      where: tls.certFile,
      hint: 'make them where these come from, or give the cluster a directory: tls: { dir: … }',
    });

  await using kube = await openKubeFor(found, choices);
  const namespace = found.kind === 'kubernetes' ? (found.config.kubernetes.namespace ?? kube?.namespace) : undefined;
  const notes: string[] = [];
  let written: readonly string[] = [];
  let wanted: readonly string[] = [];
  if (tls.madeIn !== undefined && task.kind !== 'check') {
    const { days, hosts } = choices;
    const planned = await planCerts(found, kube, { dir: tls.madeIn, days, hosts, namespace, signal });
    onStep?.(`certificates in ${tls.madeIn}`);
    const done = await carryOut(planned.plan, task, {
      restartCommand: restartCommand(found),
      withOtherCas: () => withOtherCas(found, choices),
    });
    written = done.written;
    wanted = planned.plan.hosts;
    notes.push(...planned.notes, ...done.notes);
  }

  const now = new Date();
  const { certificates, problems } = await lookAtCerts(config, requiredHosts(found, { namespace }), now);
  const missing = missingHosts(certificates, wanted);
  if (missing.length > 0)
    notes.push(
      `the server certificate is not for ${missing.join(', ')}: --renew with the same settings adds what is missing`,
    );
  let installed: Installed[] | undefined;
  if (install && problems.length === 0) {
    onStep?.('installing them');
    installed = await installCerts(found, kube, choices);
    if (installed.some(({ result }) => 'restart' in result && result.restart))
      notes.push(`members run with other CAs than these until they are restarted: ${restartCommand(found)}`);
  } else if (install) notes.push('nothing was installed');
  return {
    cluster: config.name,
    dir: tls.madeIn,
    ...{ written, certificates, installed, notes },
    problems: withHints(problems, found),
    soon: certificates
      .filter(({ notAfter }) => isSoon(Date.parse(notAfter) - now.getTime(), choices.withinMs))
      .map(({ file }) => file),
  };
}

/** What makes members read their CAs again, one by one. */
function restartCommand({ config }: FoundCluster): string {
  switch (config.backend) {
    case 'local':
    case 'hosts':
      return `etcdperf harness:deploy ${config.name} --restart`;
    case 'statefulset':
      return `etcdperf harness:deploy ${config.name}`;
    case 'operator':
      return `etcdperf harness:restart ${config.name}`;
    default:
      return config.backend satisfies never;
  }
}

/** Names that have come up since the server certificate was made. */
function missingHosts(certificates: CertsReport['certificates'], wanted: readonly string[]): string[] {
  const server = certificates.find(({ kind }) => kind === 'server');
  return wanted.filter((host) => server?.hosts.includes(host) !== true);
}

function isSoon(leftMs: number, withinMs: number): boolean {
  return leftMs > 0 && leftMs <= withinMs;
}

async function carryOut(
  plan: CertsPlan,
  task: Exclude<CertsTask, { kind: 'check' }>,
  members: RotationMembers,
): Promise<{ readonly written: readonly string[]; readonly notes: readonly string[] }> {
  switch (task.kind) {
    case 'make':
      return { written: await makeMissing(plan), notes: [] };
    case 'renew':
      return { written: await renewAll(plan), notes: [] };
    case 'client': {
      const missing = await makeMissing(plan);
      return { written: [...missing, ...(await issueClient(plan, task.user))], notes: [] };
    }
    case 'rotate-ca': {
      const { written, note } = await rotateAuthority(plan, members);
      return { written, notes: [note] };
    }
    default:
      return task satisfies never;
  }
}

/** Only where something of Kubernetes has to be known or changed: its library takes long to load. */
async function openKubeFor(found: FoundCluster, { task, install, onStep }: CertsChoices): Promise<Kube | undefined> {
  if (found.kind !== 'kubernetes') return undefined;
  const { namespace, services } = found.config.kubernetes;
  const outside = services.nodePort !== undefined || services.loadBalancer !== undefined;
  if (namespace !== undefined && !install && (task.kind === 'check' || !outside)) return undefined;
  const { openClusterKube } = await import('../kubernetes/open-cluster-kube.ts');
  return openClusterKube(found.config, { onNotice: onStep });
}

function withoutTls(name: string, inventory: Inventory | undefined) {
  if (inventory?.clusters.has(name) !== true)
    return { hint: 'describe it in an inventory, with tls: { dir: DIRECTORY }, to give it certificates' };
  return {
    where: `${inventory.path}: clusters.${name}`,
    hint: `write 'tls: { dir: certs/${name} }' there, or have it written: etcdperf harness:certs ${name} --save`,
  };
}

/** Most is mended in the same way. */
function withHints(problems: readonly InputProblem[], { config }: FoundCluster): InputProblem[] {
  const hint = config.tls?.madeIn === undefined ? undefined : `etcdperf harness:certs ${config.name} --renew`;
  return problems.map((problem) => ({ hint, ...problem }));
}
