import { expect, test } from 'vitest';
import type { KubernetesDeployReport } from '../services/kubernetes/kubernetes-report.ts';
import { renderKubernetesDeploy } from './kubernetes-deploy-report.ts';

const report: KubernetesDeployReport = {
  ...{ cluster: 'main', backend: 'statefulset', version: '3.6.16', namespace: 'lab', context: 'tugboat' },
  ...{ outcome: { kind: 'planned' }, objects: [], members: [], endpoints: ['http://main-client.lab.svc:2379'] },
  ...{ leader: undefined, notes: [], ms: 4321 },
};
const service = { kind: 'Service', name: 'main', action: 'created' } as const;
const restarts = { kind: 'restarts', reason: 'its pods change: members are restarted one after the other' } as const;
const set = {
  kind: 'StatefulSet',
  name: 'main',
  action: 'changed',
  diff: ['-a', '+b'],
  consequence: restarts,
} as const;
const text = (changes: Partial<KubernetesDeployReport>) => renderKubernetesDeploy({ ...report, ...changes });

test('a plan says what would be done, and what that means for the members', () => {
  expect(text({ objects: [service, set], notes: ['so it is'] }).split('\n')).toEqual([
    'cluster main (etcd 3.6.16, namespace lab of tugboat): this would change',
    '',
    expect.stringMatching(/^KIND +NAME +STATE$/),
    expect.stringMatching(/^Service +main +would be created$/),
    expect.stringMatching(/^StatefulSet +main +would change$/),
    '',
    'StatefulSet main: its pods change: members are restarted one after the other',
    ...['-a', '+b'],
    '',
    '- so it is',
  ]);
  expect(text({ objects: [{ ...service, action: 'unchanged' }] })).toContain(': nothing would change');
});

test('a refusal has touched nothing, and says so', () => {
  const outcome = { kind: 'refused', reason: 'its storage is another', hint: 'delete it first' } as const;
  const lines = text({ outcome, objects: [service] }).split('\n');
  expect(lines.slice(0, 2)).toEqual([
    'cluster main (etcd 3.6.16, namespace lab of tugboat) not deployed, nothing was touched: its storage is another',
    'try: delete it first',
  ]);
  expect(lines.at(-1)).toMatch(/would be created$/);
});

test('what stands is shown with its members and the way in', () => {
  const members = [{ name: 'main-0', node: 'node1', ready: true, restarts: 2 }];
  const deployed = text({ outcome: { kind: 'deployed' }, objects: [service], members, leader: 'main-0' });
  expect(deployed).toMatch(/^cluster main .* deployed in 4\.3 s, main-0 leads\n/);
  expect(deployed).toMatch(
    /Service +main +created\n[\s\S]*main-0 +node1 +ready +2\n\ninside Kubernetes: http:\/\/main-client/,
  );
  const unchanged = text({ outcome: { kind: 'unchanged' }, objects: [service], members });
  expect(unchanged).not.toContain('Service');
});

test('manifests are one YAML stream, whatever is said about them a comment', () => {
  const manifests = [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'main' } }];
  const lines = text({ manifests, notes: ['so it is'] }).split('\n');
  expect(lines.slice(1)).toEqual(['# so it is', '---', 'apiVersion: v1', 'kind: Service', 'metadata:', '  name: main']);
  expect(lines[0]).toMatch(/^# cluster main .*: this would be applied$/);
});
