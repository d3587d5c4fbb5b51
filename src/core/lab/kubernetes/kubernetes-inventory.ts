import { stringify } from 'yaml';

/** The text of a Kubernetes lab's inventory file: one cluster, as many members as keep away from each other. */
export function kubernetesLabInventory(kubeconfig: string, nodes: number): string {
  const inventory = {
    clusters: {
      kubernetes: {
        backend: 'statefulset',
        members: nodes >= 3 ? 3 : 1,
        kubernetes: { kubeconfig, image: 'docker.io/lab/etcd', storage: { claim: { size: '1Gi' } } },
      },
    },
  };
  return `# Made by etcdperf lab:up; gone with lab:down.\n${stringify(inventory)}`;
}
