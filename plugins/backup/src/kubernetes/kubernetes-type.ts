import { TypeSpan } from './type-span.ts';

/** What kind of Kubernetes object something is: `v1`, `ConfigMap`. */
export interface KubernetesType {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The type that a value names as Kubernetes stores it: in the envelope of its protobuf, or in the JSON of a custom
 * resource. Nothing else of it is decoded. Undefined: it is none.
 */
export function kubernetesType(value: Buffer): KubernetesType | undefined {
  const span = new TypeSpan();
  if (!span.find(value, 0, value.length)) return undefined;
  return {
    apiVersion: value.toString('latin1', span.apiVersionStart, span.apiVersionEnd),
    kind: value.toString('latin1', span.kindStart, span.kindEnd),
  };
}
