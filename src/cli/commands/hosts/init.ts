import { BaseCommand, dryRunFlag, Flags, hostFlags, requireInventory } from '@etcdperf/core/cli';
import { renderHostSteps } from '../../render/hosts/host-steps.ts';
import type { InitResult } from '../../services/hosts/init-hosts.ts';

export default class HostsInit extends BaseCommand {
  static override readonly usesFramework = true;
  static override summary = 'prepare hosts: clocks, limits, runtime, etcd';

  static override description = `Every step is ok, changed, failed or skipped, and doing it again changes nothing more.
What was there before is recorded: hosts:reset puts it back. Ends with 1 if any step failed on any host.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> --limit 'agents,!node7' --dry-run",
  ];

  static override flags = {
    ...hostFlags,
    ...dryRunFlag,
    install: Flags.boolean({ description: 'install chrony where it is missing (apt, dnf or yum)' }),
  };

  async run(): Promise<InitResult> {
    const { flags } = await this.parse(HostsInit);
    const inventory = await requireInventory(flags);
    const [{ openHosts }, { initHosts }, { pluginBundles }] = await Promise.all([
      import('../../services/hosts/open-hosts.ts'),
      import('../../services/hosts/init-hosts.ts'),
      import('../../services/plugin-bundles.ts'),
    ]);
    await using open = openHosts(inventory, flags, this.signal);
    const { hosts, executors } = open;
    const result = await initHosts({
      inventory,
      hosts,
      executors,
      bundles: pluginBundles(this.config.plugins.values()),
      dryRun: flags['dry-run'],
      install: flags.install,
      forks: flags.forks,
      signal: this.signal,
      onStep: (text) => this.progress.step(text),
    });
    this.print(renderHostSteps(result));
    if (result.hosts.some((host) => host.status === 'failed')) this.endWith(1);
    return result;
  }
}
