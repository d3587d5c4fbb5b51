export {
  type ClientTls,
  type ClusterAccess,
  clusterAccess,
  clusterCredentials,
  clusterEndpoints,
  pickCluster,
} from './cluster-access.ts';
export type { ClusterHealth, EndpointHealth } from './cluster-health.ts';
export { type ControlClient, type ControlOptions, openCluster } from './control-client.ts';
export { endpointUrl, parseEndpoints } from './endpoint-url.ts';
export type { EndpointStatus, MemberInfo, UpEndpoint } from './member-status.ts';
