import { z } from 'zod';

/** What an inventory file may say of a cluster on Kubernetes. Part of `inventory-schema.ts`. */

const text = z.string().min(1);
const absolutePath = text.regex(/^\//, 'must be an absolute path');
const quantity = z
  .union([
    z.number().positive(),
    text.regex(/^\d+(\.\d+)?(m|k|[KMGTPE]i?)?$/, 'must be a quantity such as 500m or 8Gi'),
  ])
  .describe("Kubernetes' notation: 500m, 2, 8Gi");
const dnsLabel = text.regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be lower-case letters, digits and -');
const labels = z.record(text, z.string());
const amounts = z.record(text, quantity);
const nodePort = z.int().min(1).max(65535);

const toleration = z.strictObject({
  key: text.optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().min(0).optional(),
});

const storage = z
  .strictObject({
    emptyDir: z.strictObject({ medium: z.enum(['', 'Memory']).optional(), sizeLimit: quantity.optional() }).optional(),
    claim: z
      .strictObject({
        size: quantity,
        storageClass: dnsLabel.describe("Default: the cluster's default class").optional(),
        accessMode: z.enum(['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany']).default('ReadWriteOnce'),
      })
      .optional(),
    nfs: z.strictObject({ server: text, path: absolutePath, size: quantity.default('10Gi') }).optional(),
    hostPath: z.strictObject({ path: absolutePath, size: quantity.default('10Gi') }).optional(),
  })
  .refine((kinds) => Object.keys(kinds).length <= 1, 'must be only one of emptyDir, claim, nfs and hostPath');

export const kubernetesSchema = z.strictObject({
  kubeconfig: text.describe('Default: $KUBECONFIG, else ~/.kube/config').optional(),
  context: text.describe("Default: the kubeconfig's current one").optional(),
  namespace: dnsLabel.describe("Default: the context's").optional(),
  operator: z.enum(['coreos', 'etcd-io']).describe('Backend operator: whose EtcdCluster it is').optional(),
  image: text.describe("etcd's image; without a tag, v<version> is added. Default: etcd's own").optional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  imagePullSecrets: z.array(dnsLabel).default([]),
  storage: storage
    .describe('Where members keep their data: emptyDir, claim, nfs or hostPath. Default: emptyDir')
    .default({ emptyDir: {} }),
  resources: z.strictObject({ requests: amounts.optional(), limits: amounts.optional() }).optional(),
  nodeSelector: labels.default({}),
  tolerations: z.array(toleration).default([]),
  antiAffinity: z
    .enum(['required', 'preferred', 'none'])
    .describe('Whether two members may share a node')
    .default('preferred'),
  priorityClass: text.optional(),
  runAsUser: z
    .int()
    .min(0)
    .describe(
      'The user (uid) that etcd runs as. Default: 65532; 0 where the kubelet makes the directories (nfs, hostPath)',
    )
    .optional(),
  labels: labels.describe("Further labels of the members' pods").default({}),
  annotations: labels.describe("Annotations of the members' pods").default({}),
  services: z
    .strictObject({
      nodePort: z.union([z.boolean(), nodePort]).describe('A node port: yes, or which one').default(false),
      loadBalancer: z.union([z.boolean(), z.strictObject({ annotations: labels.default({}) })]).default(false),
      vip: z
        .union([text, z.array(text)])
        .describe('Names or addresses, with :port where it is not the node port, that lead to the cluster from outside')
        .default([]),
    })
    .describe('Ways to the cluster beside its cluster IP')
    .prefault({}),
});

export type FileKubernetes = z.output<typeof kubernetesSchema>;
