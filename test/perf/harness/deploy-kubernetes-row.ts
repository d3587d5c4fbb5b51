import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createKubernetesLab } from '@etcdperf/core/lab';
import type { MeasureRow } from './main.ts';
import { BIN, bash, etcdperf, inPairs, median } from './measure.ts';

const MAX_SECONDS_MORE = 2;
const NAMESPACE = 'perf-deploy';

/**
 * What is typed by hand: apply, wait until all pods are ready, ask etcd until all members are healthy. $1 kubeconfig, $2
 * manifests, $3 namespace.
 */
const BY_HAND = `
export KUBECONFIG=$1
kubectl apply -f "$2" >/dev/null
until [ "$(kubectl -n "$3" get statefulset main -o 'jsonpath={.status.readyReplicas}')" = 3 ]; do sleep 0.1; done
until kubectl -n "$3" exec main-0 -- etcdctl endpoint health --cluster >/dev/null 2>&1; do sleep 0.1; done
`;
/** Both start from nothing: no pod and no object of before is left. */
const AWAY = `
export KUBECONFIG=$1
kubectl delete -f "$2" --ignore-not-found --wait >/dev/null
kubectl -n "$3" wait pod --all --for=delete --timeout=180s >/dev/null 2>&1 || true
`;

/** harness:deploy of three members on Kubernetes beside `kubectl apply` of the same manifests. */
export const measureRow: MeasureRow = async ({ runs, signal }) => {
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-perf-deploy-'));
  const named = process.env.ETCDPERF_TEST_KUBECONFIG;
  await using lab = named === undefined ? await createKubernetesLab({ nodes: 3 }, signal) : undefined;
  const kubeconfig = lab?.kubeconfigPath ?? named!;
  try {
    const inventory = join(folder, 'inventory.yaml');
    const image = 'image: docker.io/lab/etcd, imagePullPolicy: IfNotPresent, runAsUser: 0';
    const kubernetes = `{ kubeconfig: ${kubeconfig}, namespace: ${NAMESPACE}, ${image} }`;
    await writeFile(
      inventory,
      `clusters: { main: { backend: statefulset, version: 3.6.16, kubernetes: ${kubernetes} } }\n`,
    );
    const manifests = join(folder, 'manifests.json');
    const dry = await promisify(execFile)(process.execPath, [
      BIN,
      'harness:deploy',
      '-i',
      inventory,
      '--dry-run',
      '--json',
    ]);
    const { manifests: items } = JSON.parse(dry.stdout) as { manifests: unknown[] };
    await writeFile(manifests, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const args = [kubeconfig, manifests, NAMESPACE];
    await bash('KUBECONFIG=$1 kubectl create namespace "$2" >/dev/null', kubeconfig, NAMESPACE);

    const away = async (took: number) => {
      await bash(AWAY, ...args);
      return took;
    };
    const ours = async () => away(await etcdperf('harness:deploy', '-i', inventory));
    const theirs = async () => away(await bash(BY_HAND, ...args));
    await ours();
    const pairs = await inPairs(runs, ours, theirs, signal);
    const more = median(pairs.map((pair) => pair.ours - pair.theirs));
    const of = (side: 'ours' | 'theirs') => median(pairs.map((pair) => pair[side])).toFixed(2);
    console.log(`3 members on Kubernetes until healthy, ${runs} pairs, medians`);
    console.log(`harness:deploy ${of('ours')} s, kubectl by hand ${of('theirs')} s`);
    console.log(`ours - theirs: ${more.toFixed(2)} s (at most ${MAX_SECONDS_MORE})`);
    return more <= MAX_SECONDS_MORE;
  } finally {
    await bash('KUBECONFIG=$1 kubectl delete namespace "$2" --wait=false', kubeconfig, NAMESPACE).catch(
      () => undefined,
    );
    await rm(folder, { recursive: true, force: true });
  }
};
