/** The cluster behind a kubeconfig. */
export interface Kube {
  /** The context of the kubeconfig that is used. */
  readonly context: string;
}
