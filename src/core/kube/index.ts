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
  KubeEvent,
  KubeNode,
  KubeObject,
  ObjectMeta,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  StatefulSet,
} from './kube-objects.ts';
export { type OpenKubeOptions, openKube } from './open-kube.ts';
export { podTroubles } from './pod-troubles.ts';
