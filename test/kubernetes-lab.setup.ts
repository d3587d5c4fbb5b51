// biome-ignore lint/style/noRestrictedImports: vitest runs a set-up file where packages are what was built, not source
import { createKubernetesLab } from '../src/core/lab/index.ts';

/** Three nodes: members of a cluster keep away from each other. */
const NODES = 3;

/**
 * One Kubernetes for all tests of the project `kubernetes`, made only when some of them run, and gone with this process.
 * A cluster that `ETCDPERF_TEST_KUBECONFIG` or `KUBECONFIG` names is used instead.
 */
export default async function provideKubernetes(): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.ETCDPERF_TEST_KUBECONFIG || process.env.KUBECONFIG;
  if (given !== undefined && given !== '') {
    process.env.ETCDPERF_TEST_KUBECONFIG = given;
    return undefined;
  }
  try {
    const lab = await createKubernetesLab({ nodes: NODES });
    process.env.ETCDPERF_TEST_KUBECONFIG = lab.kubeconfigPath;
    return () => lab.down();
  } catch (error) {
    // Thrown here, it would keep all other tests from running: whoever needs the cluster says why there is none.
    const { message, hint = '' } = error as Error & { readonly hint?: string };
    process.env.ETCDPERF_TEST_NO_KUBERNETES = `${message}\n${hint}`;
    return undefined;
  }
}
