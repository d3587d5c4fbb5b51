import { join } from 'node:path';
import { OperationError } from '../../errors/index.ts';
import type { Lab } from '../lab.ts';
import type { LabHost } from '../lab-host.ts';
import { findLabProcesses } from '../lab-processes.ts';
import { runToolChecked } from '../run-tool.ts';
import type { Component } from './control-plane.ts';

/** One process of the control plane. */
export class LabComponent {
  readonly name: Component;
  private readonly dir: string;

  constructor(dir: string, name: Component) {
    this.dir = dir;
    this.name = name;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.tell('kill');
  }

  /** One that runs is left alone. The API server is waited for until it is ready. */
  async start(signal: AbortSignal = new AbortController().signal): Promise<void> {
    await this.tell('start');
    if (this.name !== 'kube-apiserver') return;
    const [{ apiClient }, { waitForApiServer }] = await Promise.all([
      import('./api-client.ts'),
      import('./cluster-readiness.ts'),
    ]);
    const api = await apiClient(join(this.dir, 'kubeconfig'));
    try {
      await waitForApiServer(api, this.dir, signal);
    } finally {
      api.close();
    }
  }

  /** SIGSTOP: connections stay open and silent. */
  async pause(): Promise<void> {
    await this.tell('pause');
  }

  async resume(): Promise<void> {
    await this.tell('resume');
  }

  private async tell(verb: 'start' | 'kill' | 'pause' | 'resume'): Promise<void> {
    const { switchPid } = await findLabProcesses(this.dir);
    if (switchPid === undefined) throw new OperationError('the lab is down', { where: this.dir });
    const enter = ['nsenter', '--target', String(switchPid), '--mount', '--net', '--pid', '--'];
    await runToolChecked([...enter, 'sh', join(this.dir, 'scripts/component.sh'), verb, this.dir, this.name]);
  }
}

/** A Kubernetes made on this machine. Its nodes can be killed, started and cut like the hosts of any lab. */
export class KubernetesLab {
  readonly lab: Lab;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  get name(): string {
    return this.lab.name;
  }

  /** Of its administrator. */
  get kubeconfigPath(): string {
    return join(this.lab.dir, 'kubeconfig');
  }

  get inventoryPath(): string {
    return this.lab.inventoryPath;
  }

  get nodes(): readonly LabHost[] {
    return this.lab.hosts;
  }

  node(name: string): LabHost {
    return this.lab.host(name);
  }

  get apiServer(): LabComponent {
    return this.component('kube-apiserver');
  }

  component(name: Component): LabComponent {
    return new LabComponent(this.lab.dir, name);
  }

  /** Ends and removes everything. Doing it again is fine. */
  async down(): Promise<void> {
    await this.lab.down();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }
}
