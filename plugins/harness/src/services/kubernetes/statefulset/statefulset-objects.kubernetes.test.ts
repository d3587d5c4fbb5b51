import { randomBytes } from 'node:crypto';
import type { KubernetesConfig } from '@etcdperf/core/config';
import { openKube } from '@etcdperf/core/kube';
import { testKube } from '@etcdperf/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterLabels } from '../cluster-labels.ts';
import type { KubernetesPlan } from '../kubernetes-plan.ts';
import { statefulsetObjects } from './statefulset-objects.ts';

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const quantity = fc.constantFrom('100m', '2', '64Mi', '1.5Gi', '8G');
const record = <T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>) => fc.dictionary(key, value, { maxKeys: 3 });
const amounts = fc.record({ cpu: quantity, memory: quantity }, { requiredKeys: [] });

const storage: fc.Arbitrary<KubernetesConfig['storage']> = fc.oneof(
  fc.record({
    kind: fc.constant('emptyDir' as const),
    medium: fc.constantFrom('' as const, 'Memory' as const),
    sizeLimit: quantity,
  }),
  fc.constant({ kind: 'emptyDir' as const }),
  fc.record({
    kind: fc.constant('claim' as const),
    size: quantity,
    accessMode: fc.constantFrom('ReadWriteOnce' as const, 'ReadWriteOncePod' as const, 'ReadWriteMany' as const),
  }),
  fc.record({
    kind: fc.constant('nfs' as const),
    server: label,
    path: label.map((name) => `/${name}`),
    size: quantity,
  }),
  fc.record({ kind: fc.constant('hostPath' as const), path: label.map((name) => `/${name}`), size: quantity }),
);

const kubernetes: fc.Arbitrary<KubernetesConfig> = fc
  .record({
    image: fc.constantFrom(undefined, 'etcd', 'registry.example:5000/etcd', 'quay.example/etcd:v3'),
    imagePullPolicy: fc.constantFrom(undefined, 'Always' as const, 'Never' as const),
    imagePullSecrets: fc.uniqueArray(label, { maxLength: 2 }),
    storage,
    requests: fc.option(amounts, { nil: undefined }),
    nodeSelector: record(label, label),
    tolerations: fc.array(
      fc.oneof(
        fc.record({
          key: label,
          operator: fc.constant('Exists' as const),
          effect: fc.constantFrom('NoSchedule' as const, 'NoExecute' as const),
        }),
        fc.record({ key: label, value: label }),
      ),
      { maxLength: 2 },
    ),
    antiAffinity: fc.constantFrom('required' as const, 'preferred' as const, 'none' as const),
    runAsUser: fc.constantFrom(undefined, 0, 1000),
    labels: record(label, label),
    annotations: record(label, fc.string({ maxLength: 20 })),
    nodePort: fc.constantFrom(undefined, {}),
    loadBalancer: fc.option(
      record(label, fc.string()).map((annotations) => ({ annotations })),
      { nil: undefined },
    ),
  })
  .map(({ nodePort, loadBalancer, requests, image, imagePullPolicy, runAsUser, ...rest }) => ({
    ...rest,
    ...(image !== undefined && { image }),
    ...(imagePullPolicy !== undefined && { imagePullPolicy }),
    ...(runAsUser !== undefined && { runAsUser }),
    ...(requests !== undefined && { resources: { requests } }),
    services: { vip: [], ...(nodePort && { nodePort }), ...(loadBalancer && { loadBalancer }) },
  }));

const plan: fc.Arbitrary<Omit<KubernetesPlan, 'namespace'>> = fc
  .record({
    name: label,
    version: fc.constantFrom('3.4.20', '3.5.9', '3.5.35', '3.6.16'),
    count: fc.integer({ min: 1, max: 7 }),
    clientPort: fc.integer({ min: 1024, max: 3000 }),
    flags: record(fc.constantFrom('heartbeat-interval', 'log-level', 'listen-metrics-urls'), fc.string()),
    kubernetes,
    isSecure: fc.boolean(),
  })
  .map(({ name, version, count, clientPort, flags, kubernetes, isSecure }) => {
    const members = Array.from({ length: count }, (_, i) => ({
      name: `${name}-${i}`,
      clientPort,
      peerPort: clientPort + 1,
    }));
    const pem = () => ({ cert: randomBytes(100), key: randomBytes(100) });
    const tls = { server: pem(), peer: pem(), client: pem(), ca: randomBytes(100), clientCa: randomBytes(100) };
    return {
      config: { name, backend: 'statefulset', version, members, flags, kubernetes },
      tls: isSecure ? tls : undefined,
    };
  });

test('whatever the inventory says of a cluster, the API server accepts its manifests', async () => {
  await using space = await testKube();
  await using kube = await openKube(space);
  const { namespace } = space;
  await fc.assert(
    fc.asyncProperty(plan, async (some) => {
      const objects = statefulsetObjects({ ...some, namespace });
      const accepted = await Promise.all(objects.map((object) => kube.apply(object, { dryRun: true })));
      for (const { metadata } of accepted)
        expect(metadata).toMatchObject({ labels: clusterLabels(some.config.name), namespace });
    }),
    { numRuns: 50 },
  );
});
