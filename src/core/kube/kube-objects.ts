import type {
  CoreV1Event,
  V1CustomResourceDefinition,
  V1Node,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from '@kubernetes/client-node';

/**
 * A model of `@kubernetes/client-node` as it is on the wire: times are RFC 3339 texts, never `Date`. A field that the
 * models rename because it is a word of the language (`_from`, `_continue`) has its own name there.
 */
export type AsJson<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? AsJson<Item>[]
    : T extends object
      ? { [Key in keyof T]: AsJson<T[Key]> }
      : T;

export type ObjectMeta = AsJson<V1ObjectMeta>;

/** What every object of Kubernetes has; custom resources extend it. */
export interface KubeObject {
  apiVersion?: string | undefined;
  kind?: string | undefined;
  metadata?: ObjectMeta | undefined;
}

export type Pod = AsJson<V1Pod>;
export type Service = AsJson<V1Service>;
export type StatefulSet = AsJson<V1StatefulSet>;
export type Secret = AsJson<V1Secret>;
export type KubeNode = AsJson<V1Node>;
export type PersistentVolumeClaim = AsJson<V1PersistentVolumeClaim>;
export type KubeEvent = AsJson<CoreV1Event>;
export type CustomResourceDefinition = AsJson<V1CustomResourceDefinition>;
