/** An object as it stands in a manifest or comes from the API server. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ClusterObjectMeta;
  readonly [field: string]: unknown;
}

export interface ClusterObjectMeta {
  readonly name: string;
  /** Undefined for what has none, as a PersistentVolume. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}
