import type { Kube } from './kube.ts';

export interface OpenKubeOptions {
  /** Default: the files in KUBECONFIG, else `~/.kube/config`, else the service account of the pod that we run in. */
  readonly kubeconfigFile?: string | undefined;
  /** Default: the kubeconfig's current context. */
  readonly context?: string | undefined;
  /** Default: the context's. */
  readonly namespace?: string | undefined;
  /** Told when the API server is away and waited for, and when it is back. */
  readonly onNotice?: ((notice: string) => void) | undefined;
  /** How long an API server that has answered before is waited for. Default 60 s. */
  readonly patienceMs?: number | undefined;
  /** How long one that has never answered is waited for. Default 5 s. */
  readonly firstPatienceMs?: number | undefined;
  /** Ends all that is done with it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The cluster behind a kubeconfig. Nothing is connected to before the first use. Throws InputError for no kubeconfig,
 * one that can't be read, or a context that isn't in it (naming those there are).
 */
export async function openKube(options: OpenKubeOptions = {}): Promise<Kube> {
  const { kubeconfigFile, context, namespace, patienceMs = 60_000, firstPatienceMs = 5000, onNotice, signal } = options;
  // The Kubernetes library takes long to load: only who needs a cluster waits for it.
  const [{ chooseContext }, { ClusterKube }] = await Promise.all([
    import('./kubeconfig.ts'),
    import('./cluster-kube.ts'),
  ]);
  const chosen = chooseContext({ kubeconfigFile, context });
  return new ClusterKube(
    { ...chosen, namespace: namespace ?? chosen.namespace },
    { patienceMs, firstPatienceMs, onNotice, signal },
  );
}
