import { openKube } from '../kube/index.ts';

/** A namespace of a real Kubernetes that is the test's alone. */
export interface TestKube extends AsyncDisposable {
  /** Its administrator's, for `--kubeconfig` and the like. */
  readonly kubeconfigFile: string;
  readonly namespace: string;
  /** Asks for the namespace to be deleted with all that is in it; does not wait for that. */
  close(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;

/**
 * A fresh namespace in the cluster of the tests: the one that `ETCDPERF_TEST_KUBECONFIG` names, else the lab that
 * `test/kubernetes-lab.setup.ts` made for this run. For files named `*.kubernetes.test.ts`: `await using kube = …`.
 */
export async function testKube(): Promise<TestKube> {
  const kubeconfigFile = process.env.ETCDPERF_TEST_KUBECONFIG;
  if (kubeconfigFile === undefined || kubeconfigFile === '') {
    const why = process.env.ETCDPERF_TEST_NO_KUBERNETES ?? 'tests that need one are named *.kubernetes.test.ts';
    throw new Error(`no Kubernetes: ${why}`);
  }
  const namespace = `test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const kube = await openKube({ kubeconfigFile, namespace });
  try {
    await kube.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'etcdperf.io/test': 'true' } },
    });
    // Pods are refused until their account is there.
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, fields: { 'metadata.name': 'default' } };
    await kube.waitUntil(account, (items) => (items.size > 0 ? { done: true } : 'the default service account'), {
      timeoutMs: READY_TIMEOUT_MS,
    });
  } catch (error) {
    await kube.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  const remove = async () => {
    await kube.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
    await kube.close();
  };
  const close = () => {
    closed ??= remove();
    return closed;
  };
  return { kubeconfigFile, namespace, close, [Symbol.asyncDispose]: close };
}
