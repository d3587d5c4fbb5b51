export { type ClusterHosts, type ConnectChoices, openClusterHosts } from '@etcdperf/core/etcd';
