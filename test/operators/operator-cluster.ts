import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadInventory } from '@etcdperf/core/config';
import type { TestSpace } from './controller.ts';

/** An inventory with one cluster of an operator's, of the images that the lab has. */
export async function operatorInventory(
  { kubeconfigFile, namespace }: TestSpace,
  {
    name,
    kubernetes,
    ...cluster
  }: { readonly name: string; readonly kubernetes: object; readonly [key: string]: unknown },
) {
  const folder = await mkdtemp(join(tmpdir(), 'etcdperf-operator-'));
  const file = join(folder, 'lab.yaml');
  const where = { kubeconfig: kubeconfigFile, namespace, image: 'docker.io/lab/etcd' };
  // JSON is YAML.
  const described = { backend: 'operator', ...cluster, kubernetes: { ...where, ...kubernetes } };
  await writeFile(file, JSON.stringify({ clusters: { [name]: described } }));
  return {
    inventory: await loadInventory(file),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
