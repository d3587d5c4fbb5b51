import { renderTable } from '@etcdperf/core/cli';
import { yamlText } from '@etcdperf/core/config';
import type { DeployedObject, DeployedPod, KubernetesDeployReport } from '../services/kubernetes/kubernetes-report.ts';

export function renderKubernetesDeploy(report: KubernetesDeployReport): string {
  const { manifests, outcome, objects, members, endpoints, notes } = report;
  if (manifests !== undefined)
    return [`# ${headline(report)}`, ...notes.map((note) => `# ${note}`), ...manifests.map(document)].join('\n');
  const stands = outcome.kind === 'deployed' || outcome.kind === 'unchanged';
  const showsObjects = outcome.kind !== 'unchanged' && objects.length > 0;
  return [
    headline(report),
    ...('hint' in outcome && outcome.hint !== undefined ? [`try: ${outcome.hint}`] : []),
    ...(showsObjects ? ['', objectTable(objects, outcome.kind === 'planned' || outcome.kind === 'refused')] : []),
    ...objects.flatMap(diffOf),
    ...(members.length > 0 ? ['', memberTable(members)] : []),
    ...(stands ? ['', `inside Kubernetes: ${endpoints.join(', ')}`] : []),
    ...(notes.length > 0 && !stands ? [''] : []),
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

function headline(report: KubernetesDeployReport): string {
  const { cluster, version, namespace, context, outcome, leader, ms, manifests } = report;
  const where = `namespace ${namespace}${context === undefined ? '' : ` of ${context}`}`;
  const what = `cluster ${cluster} (etcd ${version}, ${where})`;
  const led = leader === undefined ? '' : `, ${leader} leads`;
  switch (outcome.kind) {
    case 'deployed':
      return `${what} deployed in ${(ms / 1000).toFixed(1)} s${led}`;
    case 'unchanged':
      return `${what} runs as wanted, nothing was changed${led}`;
    case 'planned':
      return `${what}: ${planned(report, manifests !== undefined)}`;
    case 'refused':
      return `${what} not deployed, nothing was touched: ${outcome.reason}`;
    case 'failed':
    case 'interrupted':
      return `${what} ${outcome.kind}: ${outcome.reason}`;
    default:
      return outcome satisfies never;
  }
}

function planned({ objects }: KubernetesDeployReport, isManifest: boolean): string {
  if (isManifest) return 'this would be applied';
  return objects.every(({ action }) => action === 'unchanged') ? 'nothing would change' : 'this would change';
}

function document(manifest: object): string {
  return `---\n${yamlText(manifest).trimEnd()}`;
}

function objectTable(objects: readonly DeployedObject[], isPlan: boolean): string {
  const would = { created: 'would be created', changed: 'would change', removed: 'would be removed' } as const;
  const told = ({ action }: DeployedObject) =>
    isPlan && action !== 'unchanged' && action !== 'foreign' ? would[action] : action;
  return renderTable<DeployedObject>(
    [
      { title: 'kind', value: ({ kind }) => kind },
      { title: 'name', value: ({ name }) => name },
      { title: 'state', value: told },
    ],
    objects,
  );
}

function diffOf({ kind, name, diff = [], consequence }: DeployedObject): string[] {
  if (diff.length === 0) return [];
  return ['', `${kind} ${name}:${consequence === undefined ? '' : ` ${consequence.reason}`}`, ...diff];
}

function memberTable(members: readonly DeployedPod[]): string {
  return renderTable<DeployedPod>(
    [
      { title: 'member', value: ({ name }) => name },
      { title: 'node', value: ({ node }) => node ?? '' },
      { title: 'state', value: ({ ready }) => (ready ? 'ready' : 'not ready') },
      { title: 'restarts', align: 'right', value: ({ restarts }) => restarts },
    ],
    members,
  );
}
