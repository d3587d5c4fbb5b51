import { BaseCommand, Flags } from '@etcdperf/core/cli';
import { renderUp } from '../../render/lab.ts';
import type { UpResult } from '../../services/lab/up-lab.ts';

export default class LabUp extends BaseCommand {
  static override summary = 'make hosts on this machine';
  static override description =
    'Hosts with an address, a hostname, files, processes and an sshd of their own, made of Linux namespaces: needs root, ' +
    'no containers. Their disks are in memory and gone with the lab. node1 to node3 are for etcd and masters, the ' +
    'rest for agents; from nine hosts on, masters have three of their own.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --hosts 6',
    '<%= config.bin %> <%= command.id %> --hosts 3 --name second --disk 512m',
  ];

  static override flags = {
    hosts: Flags.integer({ description: 'how many', default: 6, min: 1, max: 200 }),
    name: Flags.string({ description: 'what to call it', default: 'lab', helpValue: 'NAME' }),
    disk: Flags.string({ description: "the most that one host's files may take", default: '4g', helpValue: 'SIZE' }),
  };

  async run(): Promise<UpResult> {
    const { flags } = await this.parse(LabUp);
    const [{ parseSize }, { upLab }] = await Promise.all([
      import('../../services/lab/parse-amounts.ts'),
      import('../../services/lab/up-lab.ts'),
    ]);
    const { progress } = this;
    const onHost = (_: string, done: number, total: number) => progress.step(`${done} of ${total} hosts up`);
    const options = { hosts: flags.hosts, name: flags.name, diskBytes: parseSize(flags.disk), onHost };
    const result = await upLab(options, this.signal);
    this.print(renderUp(result));
    return result;
  }
}
