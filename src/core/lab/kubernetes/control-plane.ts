import type { LabAddresses } from './addresses.ts';

/** The control plane's processes, in the order in which they start. */
export const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'coredns'] as const;
export type Component = (typeof COMPONENTS)[number];

export interface ControlPlanePaths {
  /** The lab's folder. */
  readonly dir: string;
  /** The folder of the Kubernetes programs. */
  readonly programs: string;
  /** etcd's server program. */
  readonly etcd: string;
}

/** Controllers that nothing here asks for: no load balancers, clouds, certificates signed by the cluster. */
const NEEDLESS_CONTROLLERS = [
  'horizontal-pod-autoscaler-controller',
  'certificatesigningrequest-signing-controller',
  'certificatesigningrequest-approving-controller',
  'certificatesigningrequest-cleaner-controller',
  'node-ipam-controller',
  'node-route-controller',
  'service-lb-controller',
];

/** Each component's command, for POSIX sh. */
export function componentCommands(paths: ControlPlanePaths, addresses: LabAddresses): Record<Component, string> {
  const { dir, programs } = paths;
  const pki = `${dir}/pki`;
  const command = (program: string, flags: Record<string, string | number | boolean>) =>
    [program, ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)].map(quote).join(' ');
  const quiet = { 'leader-elect': false, profiling: false, 'kube-api-qps': 200, 'kube-api-burst': 400, v: 1 };
  return {
    etcd: command(paths.etcd, {
      'data-dir': `${dir}/control/etcd/data`,
      'listen-client-urls': 'http://127.0.0.1:2379',
      'advertise-client-urls': 'http://127.0.0.1:2379',
      'listen-peer-urls': 'http://127.0.0.1:2380',
      'unsafe-no-fsync': true,
      'log-level': 'warn',
    }),
    'kube-apiserver': command(`${programs}/kube-apiserver`, {
      'etcd-servers': 'http://127.0.0.1:2379',
      'bind-address': '0.0.0.0',
      'secure-port': 6443,
      'advertise-address': addresses.controlPlane,
      'tls-cert-file': `${pki}/kube-apiserver.crt`,
      'tls-private-key-file': `${pki}/kube-apiserver.key`,
      'client-ca-file': `${pki}/ca.crt`,
      'kubelet-client-certificate': `${pki}/kubelet-client.crt`,
      'kubelet-client-key': `${pki}/kubelet-client.key`,
      'kubelet-certificate-authority': `${pki}/ca.crt`,
      'kubelet-preferred-address-types': 'InternalIP',
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-signing-key-file': `${pki}/service-account.key`,
      'service-account-key-file': `${pki}/service-account.pub`,
      'service-cluster-ip-range': addresses.services,
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction',
      'allow-privileged': true,
      // Pods of a dead node are replaced within a test's patience.
      'default-not-ready-toleration-seconds': 20,
      'default-unreachable-toleration-seconds': 20,
      profiling: false,
      v: 1,
    }),
    // Its volumes are always made under /tmp, and deleted there: it has the lab's volumes in that place.
    'kube-controller-manager': [
      'unshare --mount --propagation private sh -ec',
      quote('mount --bind "$1" /mnt; mount --bind "$1/volumes" /tmp; shift; exec "$@"'),
      ...['sh', quote(dir)],
      command(`${programs}/kube-controller-manager`, {
        kubeconfig: '/mnt/pki/kube-controller-manager.kubeconfig',
        'bind-address': '127.0.0.1',
        'service-account-private-key-file': '/mnt/pki/service-account.key',
        'root-ca-file': '/mnt/pki/ca.crt',
        'allocate-node-cidrs': false,
        'enable-hostpath-provisioner': true,
        'node-monitor-grace-period': '24s',
        controllers: ['*', ...NEEDLESS_CONTROLLERS.map((name) => `-${name}`)].join(','),
        ...quiet,
      }),
    ].join(' '),
    'kube-scheduler': command(`${programs}/kube-scheduler`, {
      kubeconfig: `${pki}/kube-scheduler.kubeconfig`,
      'bind-address': '127.0.0.1',
      ...quiet,
    }),
    coredns: `${quote(`${programs}/coredns`)} -conf ${quote(`${dir}/control/Corefile`)}`,
  };
}

export function corefile(dir: string): string {
  return `cluster.local in-addr.arpa {
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${dir}/pki/coredns.kubeconfig lab
    pods insecure
    ttl 5
  }
}
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
