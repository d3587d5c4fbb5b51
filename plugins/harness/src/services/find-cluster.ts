export {
  type FoundCluster,
  findCluster,
  findOrPlanCluster,
  type KubernetesCluster,
  type ProcessCluster,
  requireProcesses,
} from '@etcdperf/core/etcd';
