export { eventTime } from './event-time.ts';
export { explainPods } from './explain-pods.ts';
export type {
  AccessCheck,
  ApplyOptions,
  CopyOptions,
  ExecOptions,
  ExecResult,
  Forward,
  Kube,
  LogOptions,
  ObjectQuery,
  ObjectRef,
  PodRef,
  RemoveOptions,
  WaitOptions,
} from './kube.ts';
export { KubeError, KubeUnreachableError } from './kube-error.ts';
export type {
  AsJson,
  CustomResourceDefinition,
  Job,
  KubeEvent,
  KubeNode,
  KubeObject,
  Namespace,
  ObjectMeta,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Secret,
  Service,
  StatefulSet,
  StorageClass,
} from './kube-objects.ts';
export { type OpenKubeOptions, openKube } from './open-kube.ts';
export { podTroubles } from './pod-troubles.ts';
