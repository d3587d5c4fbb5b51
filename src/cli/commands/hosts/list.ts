import { BaseCommand, hostFlags, inventoryFlags, requireInventory } from '@etcdperf/core/cli';
import type { HostList as List } from '../../services/hosts/list-hosts.ts';

export default class HostsList extends BaseCommand {
  static override summary = 'list the hosts of the inventory, and how they are reached';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --limit agents',
  ];

  static override flags = { ...inventoryFlags, limit: hostFlags.limit };

  async run(): Promise<List> {
    const { flags } = await this.parse(HostsList);
    const [{ listHosts }, { renderHostList }] = await Promise.all([
      import('../../services/hosts/list-hosts.ts'),
      import('../../render/hosts/host-list.ts'),
    ]);
    const list = listHosts(await requireInventory(flags), flags.limit);
    this.print(renderHostList(list));
    return list;
  }
}
