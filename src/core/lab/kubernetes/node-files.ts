import { stringify } from 'yaml';
import type { LabAddresses } from './addresses.ts';

const PKI = '/etc/kubernetes';

/** The files of one node that hold no secret: path on the node → text. */
export function nodeFiles(addresses: LabAddresses, node: LabAddresses['nodes'][number], images: readonly string[]) {
  return {
    'etc/containerd/config.toml': CONTAINERD,
    'etc/cni/net.d/10-lab.conflist': JSON.stringify(cniConfig(node.pods)),
    'etc/hosts': ['127.0.0.1 localhost', ...addresses.nodes.map(({ name, address }) => `${address} ${name}`), ''].join(
      '\n',
    ),
    'etc/resolv.conf': `nameserver ${addresses.controlPlane}\n`,
    'etc/kubernetes/resolv.conf': '',
    'etc/kubernetes/address': node.address,
    'etc/kubernetes/images': images.join('\n'),
    'etc/kubernetes/kubelet.yaml': stringify(kubeletConfig(addresses)),
    'etc/kubernetes/proxy.yaml': stringify(proxyConfig(addresses, node.name)),
  };
}

/** For containerd 1.6 and 1.7. `restrict_oom_score_adj`: root may lack CAP_SYS_RESOURCE on this machine. */
const CONTAINERD = `version = 2
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/lab/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;

/** Point-to-point links, so that traffic between pods of one node too is routed, and services work without br_netfilter. */
function cniConfig(pods: string) {
  return {
    cniVersion: '0.4.0',
    name: 'lab',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: { type: 'host-local', ranges: [[{ subnet: pods }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubeletConfig(addresses: LabAddresses) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: `${PKI}/ca.crt` },
    },
    // Who has a certificate of this lab may do what it wants with it.
    authorization: { mode: 'AlwaysAllow' },
    tlsCertFile: `${PKI}/kubelet.crt`,
    tlsPrivateKeyFile: `${PKI}/kubelet.key`,
    readOnlyPort: 0,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    clusterDNS: [addresses.controlPlane],
    clusterDomain: 'cluster.local',
    resolvConf: `${PKI}/resolv.conf`,
    // The images can't be pulled again.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    nodeLeaseDurationSeconds: 20,
    nodeStatusReportFrequency: '1m',
    shutdownGracePeriod: '0s',
    enableProfilingHandler: false,
    enableDebugFlagsHandler: false,
    registryPullQPS: 0,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    eventRecordQPS: 0,
    logging: { flushFrequency: '5s' },
  };
}

function proxyConfig(addresses: LabAddresses, node: string) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: `${PKI}/proxy.kubeconfig` },
    mode: 'iptables',
    hostnameOverride: node,
    clusterCIDR: addresses.pods,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    oomScoreAdj: 0,
    // Limits of the whole machine: left alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { minSyncPeriod: '200ms', syncPeriod: '5m', localhostNodePorts: false },
  };
}
