import type { KubernetesConfig } from '@etcdperf/core/config';
import { expect, test } from 'vitest';
import type { KubernetesPlan } from '../kubernetes-plan.ts';
import { judgeChange } from './judge-change.ts';
import { statefulsetObjects } from './statefulset-objects.ts';

interface Change {
  readonly version?: string;
  readonly members?: number;
  readonly ports?: number;
  readonly flags?: Record<string, number>;
  readonly kubernetes?: Partial<KubernetesConfig>;
  readonly tls?: boolean;
}

const CLAIM = { kind: 'claim', size: '1Gi', accessMode: 'ReadWriteOnce' } as const;
const pem = (text: string) => ({ cert: Buffer.from(text), key: Buffer.from(text) });

function statefulSet({ version = '3.5.35', members = 3, ports = 2379, flags = {}, kubernetes, tls }: Change) {
  const plan: KubernetesPlan = {
    namespace: 'lab',
    config: {
      name: 'main',
      backend: 'statefulset',
      version,
      flags,
      members: Array.from({ length: members }, (_, i) => ({
        name: `main-${i}`,
        clientPort: ports,
        peerPort: ports + 1,
      })),
      kubernetes: {
        ...{ imagePullSecrets: [], nodeSelector: {}, tolerations: [], labels: {}, annotations: {} },
        ...{ storage: CLAIM, antiAffinity: 'preferred', services: { vip: [] } },
        ...kubernetes,
      },
    },
    tls: tls
      ? { server: pem('s'), peer: pem('p'), client: undefined, ca: Buffer.from('ca'), clientCa: undefined }
      : undefined,
  };
  return statefulsetObjects(plan).at(-1)!;
}

const FLAGS = { 'heartbeat-interval': 50 };
const IN_PODS = { kubernetes: { storage: { kind: 'emptyDir' } } } as const;

test.each<[string, Change, Change, string | undefined, RegExp | undefined]>([
  ['nothing', {}, {}, undefined, undefined],
  [
    'a flag',
    {},
    { flags: { 'heartbeat-interval': 50 } },
    'restarts',
    /its pods change: members are restarted one after/,
  ],
  ['the next minor version', {}, { version: '3.6.16' }, 'restarts', /etcd 3\.5\.35 becomes 3\.6\.16/],
  ['an older version', { version: '3.6.16' }, { version: '3.5.35' }, 'impossible', /can't go back/],
  ['a version too far', { version: '3.4.30' }, { version: '3.6.16' }, 'impossible', /must become 3\.5 before/],
  ['one member more', {}, { members: 4 }, 'impossible', /it has 3 members, and 4 are wanted/],
  ['other ports', {}, { ports: 3379 }, 'impossible', /other addresses/],
  ['TLS', {}, { tls: true }, 'impossible', /other addresses/],
  ['a larger claim', {}, { kubernetes: { storage: { ...CLAIM, size: '2Gi' } } }, 'impossible', /storage is another/],
  ['claims for pods', {}, IN_PODS, 'impossible', /storage is another/],
  ['a single member', { members: 1 }, { members: 1, version: '3.5.36' }, 'restarts', /without quorum meanwhile/],
  ['pods with their data', IN_PODS, { ...IN_PODS, version: '3.6.16' }, 'asks', /replaced one after the other/],
  ['too few to spare one', { ...IN_PODS, members: 1 }, { ...IN_PODS, members: 1, flags: FLAGS }, 'asks', /anew, empty/],
  ['pods for claims', IN_PODS, {}, 'asks', /made anew, empty/],
])('%s', (_, standing, wanted, kind, reason) => {
  const consequence = judgeChange(statefulSet(standing), statefulSet(wanted));
  expect(consequence?.kind).toBe(kind);
  if (reason !== undefined) expect(consequence?.reason).toMatch(reason);
});
