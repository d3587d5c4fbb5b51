export {
  type ClientTls,
  type ClusterAccess,
  clusterAccess,
  clusterCredentials,
  clusterEndpoints,
  pickCluster,
  readInputFile,
} from './cluster-access.ts';
export type { ClusterHealth, EndpointHealth } from './cluster-health.ts';
export { type ClusterPlan, type MemberPlan, memberFlags, planCluster } from './cluster-plan.ts';
export { type ClusterStatus, clusterStatus, type MemberProcess, type MemberStatus } from './cluster-status.ts';
export { type ControlClient, type ControlOptions, openCluster } from './control-client.ts';
export { type DeleteReport, type DeleteResult, deleteCluster } from './delete-cluster.ts';
export { deployCluster } from './deploy-cluster.ts';
export type { DeployedMember, DeployReport, MemberResult } from './deploy-report.ts';
export { endpointUrl, parseEndpoints } from './endpoint-url.ts';
export { type EnsureEtcdOptions, ensureEtcdBinary, type HostEtcd } from './ensure-etcd-binary.ts';
export { archOfUname } from './etcd-platform.ts';
export {
  type FoundCluster,
  findCluster,
  findOrPlanCluster,
  type KubernetesCluster,
  type ProcessCluster,
  requireProcesses,
} from './find-cluster.ts';
export { type ClusterQuestion, findClusterAccess } from './find-cluster-access.ts';
export { type FollowMembersOptions, followMembers } from './follow-members.ts';
export { freePorts } from './free-ports.ts';
export { inspectMembers, type MemberFinding, type MemberSite, portConflict } from './inspect-members.ts';
export {
  type InstallCertificatesOptions,
  type InstalledCertificates,
  installCertificates,
  membersWithOtherCas,
} from './install-certificates.ts';
export {
  LOCAL_CLUSTER,
  LocalCluster,
  type LocalClusterSpec,
  listLocalClusters,
  localClusterDir,
  localSite,
  newLocalCluster,
  planLocalCluster,
  readLocalCluster,
  type StartLocalOptions,
  startLocalCluster,
  writeLocalCluster,
} from './local-cluster.ts';
export { type ClusterLook, lookAtMember, lookAtMembers, type MemberLook } from './look-at-members.ts';
export { type MemberFigures, memberFigures } from './member-figures.ts';
export { MemberMetrics, scrapeMember } from './member-metrics.ts';
export { type MemberObserver, observeMembers } from './member-observer.ts';
export { stopMember } from './member-process.ts';
export { dataMarker, MARKER_FILE } from './member-record.ts';
export type { EndpointStatus, MemberInfo, UpEndpoint } from './member-status.ts';
export { type ClusterSurvey, type SurveyedMember, surveyCluster } from './member-survey.ts';
export type { MemberWindow } from './member-window.ts';
export { type ClusterHosts, type ConnectChoices, openClusterHosts } from './open-cluster-hosts.ts';
export { type EstablishedSocket, parseSockets } from './proc-sockets.ts';
export { lastWords } from './readable-log.ts';
export { readClusterCertificates, requireCertificates } from './require-certificates.ts';
export { type EtcdBinary, type ResolveEtcdOptions, resolveEtcdBinary } from './resolve-etcd-binary.ts';
export { resolveSnapshotTool, type SnapshotTool } from './resolve-snapshot-tool.ts';
export { parseTarget, type ResolvedTarget, resolveTarget, type Target } from './target.ts';
export { readTlsFiles, type TlsFiles } from './tls-files.ts';
export { waitHealthy } from './wait-healthy.ts';
