export { type Credential, makeCertificates, type TestCertificates } from './certificates.ts';
export {
  API_SERVER_NAME,
  type ChangedKubeconfig,
  changedKubeconfig,
  type KubeconfigChange,
} from './changed-kubeconfig.ts';
export { findEtcdTool } from './etcd-programs.ts';
export { type StartEtcdOptions, startEtcd, type TestCluster, type TestMember } from './etcd-server.ts';
export { freePorts } from './free-ports.ts';
export { type OpenPageOptions, openPage, type SeenPage } from './open-page.ts';
export { putWork, recordedPuts } from './put-operation.ts';
export { makeKey, type StartSshdOptions, startSshd, type TestSshd } from './sshd.ts';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
export { type TestKube, testKube } from './test-kube.ts';
