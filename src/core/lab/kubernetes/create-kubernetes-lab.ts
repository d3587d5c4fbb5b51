import { InputError } from '../../errors/index.ts';
import { claimFolder } from '../claim-folder.ts';
import { removeLab } from '../remove-lab.ts';
import { checkRequirements } from '../requirements.ts';
import { sweepDeadLabs } from '../sweep-dead-labs.ts';
import { MAX_NODES } from './addresses.ts';
import type { KubernetesLab } from './kubernetes-lab.ts';
import { findKubernetesPrograms } from './kubernetes-programs.ts';

export interface KubernetesLabOptions {
  /** 1 to 8, called node1, node2, … Default: 1. */
  readonly nodes?: number;
  /** Default: `kubernetes`, or a name nobody else has where the lab is ephemeral. */
  readonly name?: string;
  /** The most that one node's files may take, and all volumes together. They live in memory. Default: 8 GiB. */
  readonly diskBytes?: number;
  /** The lab ends with this process, however that ends. Default: true; `lab:up` says false. */
  readonly ephemeral?: boolean;
  /** The folder of the package etcdperf: the nodes have an image with it, `docker.io/lab/node:v24`. Default: they don't. */
  readonly etcdperf?: string | undefined;
  /** Called with what is done next. */
  readonly onStep?: (step: string) => void;
}

/**
 * Makes a Kubernetes on this machine and waits until its nodes are Ready. Whatever stops it half-way (an abort, an error)
 * takes down what was made; an aborted signal rejects with its reason.
 */
export async function createKubernetesLab(
  options: KubernetesLabOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<KubernetesLab> {
  const nodes = options.nodes ?? 1;
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MAX_NODES) {
    throw new InputError(`${nodes} nodes: a Kubernetes lab has 1 to ${MAX_NODES}`, { where: '--nodes' });
  }
  await checkRequirements();
  const programs = await findKubernetesPrograms();
  signal.throwIfAborted();
  await sweepDeadLabs();
  const ephemeral = options.ephemeral ?? true;
  const unique = `test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const name = options.name ?? (ephemeral ? unique : 'kubernetes');
  const dir = await claimFolder(name);
  try {
    // Certificates and YAML take long to load: not for everyone who looks for a lab.
    const { buildKubernetesLab } = await import('./build-kubernetes-lab.ts');
    return await buildKubernetesLab(dir, name, programs, { ...options, nodes, ephemeral }, signal);
  } catch (error) {
    await removeLab(dir);
    throw error;
  }
}
