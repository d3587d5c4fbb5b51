import { BaseCommand, Flags } from '@etcdperf/core/cli';
import { renderKubernetesUp, renderUp } from '../../render/lab.ts';
import type { KubernetesUpResult, UpResult } from '../../services/lab/up-lab.ts';

export default class LabUp extends BaseCommand {
  static override summary = 'make hosts, or a Kubernetes, on this machine';
  static override description =
    'Hosts with an address, a hostname, files, processes and an sshd of their own, made of Linux namespaces: needs root, ' +
    'no containers. Their disks are in memory and gone with the lab. node1 to node3 are for etcd and masters, the ' +
    'rest for agents; from nine hosts on, masters have three of their own. --kubernetes makes a real Kubernetes instead: ' +
    'control plane, nodes with containerd and kubelet, DNS, services, claims, and images with etcd.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --hosts 6',
    '<%= config.bin %> <%= command.id %> --hosts 3 --name second --disk 512m',
    '<%= config.bin %> <%= command.id %> --kubernetes --nodes 3',
  ];

  static override flags = {
    hosts: Flags.integer({ description: 'how many (else 6)', min: 1, max: 200 }),
    kubernetes: Flags.boolean({ description: 'a Kubernetes instead of hosts', exclusive: ['hosts'] }),
    nodes: Flags.integer({ description: 'how many nodes it has (else 3)', min: 1, max: 8, dependsOn: ['kubernetes'] }),
    drivers: Flags.boolean({
      description: 'it has an image with node and etcdperf too, for pods that drive load',
      dependsOn: ['kubernetes'],
    }),
    name: Flags.string({ description: "what to call it (else 'lab', or 'kubernetes')", helpValue: 'NAME' }),
    disk: Flags.string({
      description: "the most that one host's files may take (else 4g, or 8g for a node)",
      helpValue: 'SIZE',
    }),
  };

  async run(): Promise<UpResult | KubernetesUpResult> {
    const { flags } = await this.parse(LabUp);
    const [{ parseSize }, { upKubernetes, upLab }] = await Promise.all([
      import('../../services/lab/parse-amounts.ts'),
      import('../../services/lab/up-lab.ts'),
    ]);
    const { progress } = this;
    if (flags.kubernetes) {
      const onStep = (step: string) => progress.step(step);
      const etcdperf = flags.drivers ? this.config.root : undefined;
      const options = { nodes: flags.nodes ?? 3, name: flags.name ?? 'kubernetes', etcdperf, onStep };
      const result = await upKubernetes({ ...options, diskBytes: parseSize(flags.disk ?? '8g') }, this.signal);
      this.print(renderKubernetesUp(result));
      return result;
    }
    const onHost = (_: string, done: number, total: number) => progress.step(`${done} of ${total} hosts up`);
    const options = { hosts: flags.hosts ?? 6, name: flags.name ?? 'lab', onHost };
    const result = await upLab({ ...options, diskBytes: parseSize(flags.disk ?? '4g') }, this.signal);
    this.print(renderUp(result));
    return result;
  }
}
