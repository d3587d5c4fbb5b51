import { BaseCommand, dryRunFlag, hostFlags, requireInventory } from '@etcdperf/core/cli';
import { renderHostSteps } from '../../render/hosts/host-steps.ts';
import type { ResetResult } from '../../services/hosts/reset-hosts.ts';

export default class HostsReset extends BaseCommand {
  static override summary = 'take back everything that hosts:init and later commands did on hosts';

  static override description = `Stops what etcdperf runs there, puts limits, kernel settings and chrony's configuration
back as they were, and removes the work directory with etcd's data in it. An installed chrony package stays.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --limit node3',
  ];

  static override flags = { ...hostFlags, ...dryRunFlag };

  async run(): Promise<ResetResult> {
    const { flags } = await this.parse(HostsReset);
    const inventory = await requireInventory(flags);
    const [{ openHosts }, { resetHosts }] = await Promise.all([
      import('../../services/hosts/open-hosts.ts'),
      import('../../services/hosts/reset-hosts.ts'),
    ]);
    await using open = openHosts(inventory, flags, this.signal);
    const { hosts, executors } = open;
    const result = await resetHosts({
      inventory,
      hosts,
      executors,
      dryRun: flags['dry-run'],
      forks: flags.forks,
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderHostSteps(result));
    if (result.hosts.some((host) => host.status === 'failed')) this.endWith(1);
    return result;
  }
}
