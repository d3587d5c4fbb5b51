import { join } from 'node:path';
import { InputError } from '../errors/index.ts';
import { LabHost } from './lab-host.ts';
import type { LabState } from './lab-state.ts';
import { type LabStatus, labStatus } from './lab-status.ts';
import { removeLab } from './remove-lab.ts';
import type { LabGuard } from './start-scripts.ts';

/** Hosts made on this machine, on a network of their own. */
export class Lab {
  readonly name: string;
  readonly dir: string;
  readonly hosts: readonly LabHost[];
  /** First three octets; `.1` is this machine, `.2` the lab's time server. */
  readonly subnet: string;
  private readonly guard: LabGuard | undefined;

  constructor(dir: string, state: LabState, guard?: LabGuard) {
    this.dir = dir;
    this.name = state.name;
    this.subnet = state.subnet ?? '';
    const isNode = state.kubernetes !== undefined;
    this.hosts = state.hosts.map((host, index) => new LabHost(dir, index + 1, host, isNode));
    this.guard = guard;
  }

  get inventoryPath(): string {
    return join(this.dir, 'inventory.yaml');
  }

  /** The private key that opens root (and every other account) on all hosts. */
  get sshKeyPath(): string {
    return join(this.dir, 'id_ed25519');
  }

  get knownHostsPath(): string {
    return join(this.dir, 'known_hosts');
  }

  /** For OpenSSH: `ssh -F <this> node1`. */
  get sshConfigPath(): string {
    return join(this.dir, 'ssh_config');
  }

  /** The host of this name. Throws InputError where there is none. */
  host(name: string): LabHost {
    const host = this.hosts.find((candidate) => candidate.name === name);
    if (host !== undefined) return host;
    throw new InputError(`lab ${this.name} has no host ${name}`, {
      hint: `its hosts: ${this.hosts.map((candidate) => candidate.name).join(', ')}`,
    });
  }

  /** How it is now. */
  async status(): Promise<LabStatus> {
    return labStatus(this.dir);
  }

  /** Ends and removes everything. Doing it again is fine. */
  async down(): Promise<void> {
    await removeLab(this.dir);
    this.guard?.drop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }
}
