import type { KubernetesConfig } from '@etcdperf/core/config';
import fc from 'fast-check';

const label = fc
  .stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8})?$/)
  .filter((name) => name !== 'app' && name !== 'controller');
const value = fc.stringMatching(/^[a-z0-9]{0,10}$/);
const labels = fc.dictionary(label, value, { maxKeys: 3, noNullPrototype: true });
const quantity = fc.constantFrom('1', '500m', '64Mi', '8Gi');
const tolerations = fc.array(
  label.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }) as const),
  { maxLength: 2 },
);

/** Settings that both operators can express. */
const kubernetes: fc.Arbitrary<KubernetesConfig> = fc.record(
  {
    image: fc.constantFrom('registry:5000/etcd', 'docker.io/lab/etcd', 'etcd'),
    imagePullSecrets: fc.constant([]),
    storage: fc.oneof(
      fc.constant({ kind: 'emptyDir' } as const),
      quantity.map((size) => ({ kind: 'claim', size, storageClass: 'fast', accessMode: 'ReadWriteOnce' }) as const),
    ),
    nodeSelector: labels,
    tolerations,
    antiAffinity: fc.constantFrom('required', 'preferred', 'none'),
    ...{ labels, annotations: labels },
    services: fc.record({ nodePort: fc.constant({}), vip: fc.constant([]) }, { requiredKeys: ['vip'] }),
  },
  {
    requiredKeys: [
      ...(['imagePullSecrets', 'storage', 'nodeSelector', 'tolerations', 'antiAffinity'] as const),
      ...(['labels', 'annotations', 'services'] as const),
    ],
  },
);

const credential = { cert: Buffer.from('CERT'), key: Buffer.from('KEY') };
const tls = fc.constantFrom(undefined, {
  ...{ server: credential, peer: credential, client: credential },
  ...{ ca: Buffer.from('CA'), clientCa: Buffer.from('CA') },
});

/** Clusters that both operators can make, as they are planned. */
export const arbitraryPlan = fc
  .record({
    name: fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/),
    size: fc.integer({ min: 1, max: 6 }),
    version: fc.constantFrom('3.5.35', '3.6.16'),
    flags: fc.dictionary(
      fc.stringMatching(/^[a-z]{1,6}(-[a-z]{1,6}){0,2}$/),
      fc.oneof(fc.string({ maxLength: 10 }), fc.integer(), fc.boolean()),
      { maxKeys: 4, noNullPrototype: true },
    ),
    ...{ kubernetes, tls },
  })
  .map(({ name, size, version, flags, kubernetes: settings, tls: files }) => ({
    config: {
      ...{ name, version, flags, kubernetes: settings, backend: 'operator' as const },
      members: Array.from({ length: size }, (_, i) => ({ name: `${name}-${i}`, clientPort: 2379, peerPort: 2380 })),
    },
    namespace: 'lab',
    tls: files,
  }));
