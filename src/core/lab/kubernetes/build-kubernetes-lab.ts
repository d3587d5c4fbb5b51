import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { cacheDir } from '../../config/index.ts';
import { OperationError } from '../../errors/index.ts';
import { freeSubnets } from '../free-subnets.ts';
import { Lab } from '../lab.ts';
import { droppedCapabilities, renderSettings, SHARED_ETC } from '../lab-files.ts';
import { findLabProcesses } from '../lab-processes.ts';
import { type LabState, writeLabState } from '../lab-state.ts';
import { identifyProcess } from '../process-identity.ts';
import { startHost, startSwitch } from '../start-scripts.ts';
import { type LabAddresses, labAddresses, SUBNETS_PER_LAB } from './addresses.ts';
import { apiClient } from './api-client.ts';
import { labCgroup } from './cgroups.ts';
import { waitForNodes } from './cluster-readiness.ts';
import { COMPONENTS } from './control-plane.ts';
import type { KubernetesLabOptions } from './create-kubernetes-lab.ts';
import { labImages, provideImage } from './images.ts';
import { createInitialObjects } from './initial-objects.ts';
import { kubernetesLabInventory } from './kubernetes-inventory.ts';
import { KubernetesLab, LabComponent } from './kubernetes-lab.ts';
import type { KubernetesPrograms } from './kubernetes-programs.ts';
import { writeConfiguration, writeScripts } from './write-kubernetes-files.ts';

const DEFAULT_DISK_BYTES = 8 * 1024 ** 3;

/** See {@link createKubernetesLab}, which loads this when it is wanted. */
export async function buildKubernetesLab(
  dir: string,
  name: string,
  programs: KubernetesPrograms,
  options: KubernetesLabOptions & { readonly nodes: number; readonly ephemeral: boolean },
  signal: AbortSignal,
): Promise<KubernetesLab> {
  const step = options.onStep ?? (() => {});
  const diskBytes = options.diskBytes ?? DEFAULT_DISK_BYTES;
  const maker = (await identifyProcess(process.pid)) ?? { pid: process.pid, startTicks: 0 };
  const making: LabState = {
    ...{ name, createdAt: new Date().toISOString(), phase: 'making', maker, ephemeral: options.ephemeral, diskBytes },
    hosts: [],
  };
  await writeLabState(dir, making);
  const imagesDir = join(cacheDir(), 'kubernetes/images');
  step('images');
  const images: string[] = [];
  for (const image of await labImages({ ...programs, etcdperf: options.etcdperf }))
    images.push(await provideImage(imagesDir, image));
  await writeScripts(dir);
  const subnets = freeBlocks();
  if (subnets.length === 0) throw new OperationError('no addresses of 198.18.0.0/15 are left for a lab');
  const settings = {
    drop_caps: droppedCapabilities(),
    disk_bytes: String(diskBytes),
    subnets: subnets.join(' '),
    node_count: String(options.nodes),
    cgroup: labCgroup(dir),
    programs: programs.folder,
    images: imagesDir,
    etc_entries: SHARED_ETC,
  };
  await writeFile(join(dir, 'settings.sh'), renderSettings(settings));

  const { subnetNumber, guard } = await startSwitch(dir, signal);
  try {
    const addresses = labAddresses(subnetNumber, options.nodes);
    const { version } = programs;
    const state: LabState = {
      ...making,
      subnet: addresses.subnet,
      hosts: addresses.nodes.map((node) => ({ name: node.name, address: node.address })),
      kubernetes: { version, apiServer: addresses.apiServer },
    };
    await writeLabState(dir, state);
    step('certificates');
    await writeConfiguration(dir, programs, addresses, images);
    await start(dir, addresses, step, signal);
    await writeFile(join(dir, 'inventory.yaml'), kubernetesLabInventory(join(dir, 'kubeconfig'), options.nodes));
    await writeLabState(dir, { ...state, phase: 'made' });
    signal.throwIfAborted();
    if (!options.ephemeral) guard.keep();
    return new KubernetesLab(new Lab(dir, { ...state, phase: 'made' }, options.ephemeral ? guard : undefined));
  } catch (error) {
    guard.drop();
    throw error;
  }
}

/** Nodes and control plane come up side by side: a kubelet tries until the API server is there. */
async function start(dir: string, addresses: LabAddresses, step: (text: string) => void, signal: AbortSignal) {
  const { switchPid } = await findLabProcesses(dir);
  if (switchPid === undefined) throw new OperationError('the lab ended while it was being made', { where: dir });
  step('control plane and nodes');
  const limit = pLimit(2);
  const boots = addresses.nodes.map((node, index) =>
    limit(async () => {
      await startHost(dir, switchPid, { index: index + 1, name: node.name }, signal);
      step(`${node.name} up`);
    }),
  );
  const control = async () => {
    const api = await apiClient(join(dir, 'kubeconfig'));
    try {
      for (const name of COMPONENTS) {
        await new LabComponent(dir, name).start(signal);
        if (name === 'kube-apiserver') step('API server ready');
      }
      await createInitialObjects(api);
      await Promise.all(boots);
      await waitForNodes(api, addresses.nodes.length, dir, signal);
    } finally {
      api.close();
    }
  };
  const results = await Promise.allSettled([control(), ...boots]);
  signal.throwIfAborted();
  const failed = results.findLast((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** From the top, away from labs of hosts, which start at the bottom. */
function freeBlocks(): number[] {
  const free = new Set(freeSubnets());
  const starts = [...free].filter((number) => number % SUBNETS_PER_LAB === 0);
  const isFree = (start: number) =>
    Array.from({ length: SUBNETS_PER_LAB }, (_, i) => start + i).every((n) => free.has(n));
  return starts.filter(isFree).reverse();
}
