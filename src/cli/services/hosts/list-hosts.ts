import { type Inventory, selectHosts } from '@etcdperf/core/config';

/** What the inventory says of a host. */
export interface ListedHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Undefined where ssh's own settings decide. */
  readonly user?: string | undefined;
  readonly become: 'none' | 'sudo';
  readonly jump: readonly string[];
  readonly groups: readonly string[];
}

export interface HostList {
  readonly inventory: string;
  readonly hosts: readonly ListedHost[];
}

/** The chosen hosts in file order. Throws InputError on a pattern that names nothing. */
export function listHosts(inventory: Inventory, limit: string | undefined): HostList {
  return {
    inventory: inventory.path,
    hosts: selectHosts(inventory, { limit }).map(({ name, address, port = 22, user, become, jump = [], groups }) => ({
      name,
      address,
      port,
      user,
      become,
      jump,
      groups,
    })),
  };
}
