import { BaseCommand, hostFlags, requireInventory } from '@etcdperf/core/cli';
import { renderHostsCheck } from '../../render/hosts/host-check.ts';
import type { CheckResult } from '../../services/hosts/check-hosts.ts';

export default class HostsCheck extends BaseCommand {
  static override summary = 'can hosts be reached, what are they, and what is missing there';

  static override description =
    `Changes nothing. Ends with 1 if a host can't be used; what hosts:init would bring is no failure.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --limit etcd --json',
  ];

  static override flags = hostFlags;

  async run(): Promise<CheckResult> {
    const { flags } = await this.parse(HostsCheck);
    const inventory = await requireInventory(flags);
    const [{ openHosts }, { checkHosts }] = await Promise.all([
      import('../../services/hosts/open-hosts.ts'),
      import('../../services/hosts/check-hosts.ts'),
    ]);
    await using open = openHosts(inventory, flags, this.signal);
    const { hosts, executors } = open;
    this.progress.step(`looking at ${hosts.length} hosts`);
    const result = await checkHosts({ inventory, hosts, executors, forks: flags.forks, signal: this.signal });
    this.print(renderHostsCheck(result));
    if (result.hosts.some((host) => host.status === 'unusable')) this.endWith(1);
    return result;
  }
}
