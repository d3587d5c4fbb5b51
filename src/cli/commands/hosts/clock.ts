import { BaseCommand, Flags, hostFlags, requireInventory } from '@etcdperf/core/cli';
import { renderHostsClock } from '../../render/hosts/host-clock.ts';
import type { ClocksResult } from '../../services/hosts/clock-hosts.ts';

export default class HostsClock extends BaseCommand {
  static override summary = 'how far the clocks of hosts are off, and how sure that is';

  static override description =
    `A positive offset is a clock that is ahead. The error bar is |offset| + root dispersion +
half the root delay, as chrony knows them; without chrony what an NTP server says, else the comparison with this
machine. Ends with 1 if a clock is further off than clock.maxOffsetMs in the inventory.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --sync',
    '<%= config.bin %> <%= command.id %> --here-by-ntp',
  ];

  static override flags = {
    ...hostFlags,
    sync: Flags.boolean({ description: 'step the clocks now, then measure' }),
    'here-by-ntp': Flags.boolean({
      description: "also ask the inventory's time servers about this machine (needs the package ntp-time-sync)",
    }),
  };

  async run(): Promise<ClocksResult> {
    const { flags } = await this.parse(HostsClock);
    const inventory = await requireInventory(flags);
    const [{ openHosts }, { clockHosts }] = await Promise.all([
      import('../../services/hosts/open-hosts.ts'),
      import('../../services/hosts/clock-hosts.ts'),
    ]);
    await using open = openHosts(inventory, flags, this.signal);
    const { hosts, executors } = open;
    this.progress.step(`measuring ${hosts.length} clocks`);
    const { sync, forks, 'here-by-ntp': hereByNtp } = flags;
    const result = await clockHosts({ inventory, hosts, executors, sync, hereByNtp, forks, signal: this.signal });
    this.print(renderHostsClock(result));
    if (result.hosts.some((host) => host.status !== 'ok')) this.endWith(1);
    return result;
  }
}
