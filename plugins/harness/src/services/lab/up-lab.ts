import { createKubernetesLab, createLab, type LabStatus } from '@etcdperf/core/lab';

/** A lab that has just been made. */
export interface UpResult extends LabStatus {
  /** The file that other commands read: give it to them with `--inventory`. */
  readonly inventory: string;
  /** The private key that opens every host. */
  readonly key: string;
  /** For OpenSSH: `ssh -F <this> node1`. */
  readonly sshConfig: string;
  readonly tookMs: number;
}

export interface UpOptions {
  readonly hosts: number;
  readonly name: string;
  readonly diskBytes: number;
  readonly onHost: (name: string, done: number, total: number) => void;
}

/** Makes a lab that stays until `downLab`. Stopped half-way, it leaves nothing. */
export async function upLab(options: UpOptions, signal: AbortSignal): Promise<UpResult> {
  const start = performance.now();
  const lab = await createLab({ ...options, ephemeral: false }, signal);
  const status = await lab.status();
  return {
    ...status,
    inventory: lab.inventoryPath,
    key: lab.sshKeyPath,
    sshConfig: lab.sshConfigPath,
    tookMs: Math.round(performance.now() - start),
  };
}

/** A Kubernetes that has just been made. */
export interface KubernetesUpResult extends LabStatus {
  readonly kubernetes: NonNullable<LabStatus['kubernetes']>;
  readonly tookMs: number;
}

export interface KubernetesUpOptions {
  readonly nodes: number;
  /** The folder of the package etcdperf, where there is to be an image with it. */
  readonly etcdperf?: string | undefined;
  readonly name: string;
  readonly diskBytes: number;
  readonly onStep: (step: string) => void;
}

/** Makes a Kubernetes that stays until `downLab`. Stopped half-way, it leaves nothing. */
export async function upKubernetes(options: KubernetesUpOptions, signal: AbortSignal): Promise<KubernetesUpResult> {
  const start = performance.now();
  const { lab } = await createKubernetesLab({ ...options, ephemeral: false }, signal);
  const status = await lab.status();
  if (status.kubernetes === undefined) throw new Error('a Kubernetes lab without a Kubernetes');
  return { ...status, kubernetes: status.kubernetes, tookMs: Math.round(performance.now() - start) };
}
