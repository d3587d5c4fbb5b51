import { createLab, type LabStatus } from '@etcdperf/core/lab';

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
