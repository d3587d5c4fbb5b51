import { BlockList, isIP } from 'node:net';
import type { ClockServer, Inventory, InventoryHost } from '@etcdperf/core/config';

/** What a host's chrony is to do. */
export interface ChronyPlan {
  /** Addresses of the servers that it follows. Empty: it serves its own time. */
  readonly servers: readonly string[];
  /** Whether other hosts of the inventory follow it. */
  readonly serves: boolean;
  /** The whole configuration file. */
  readonly config: string;
}

/**
 * What the inventory's clock settings mean for one host; undefined where they name no servers, which leaves the host's
 * own configuration alone. A server that is itself a host follows the servers listed before it, so that nobody follows
 * in circles, and keeps serving its own time when those are gone.
 */
export function planChrony(inventory: Inventory, host: InventoryHost): ChronyPlan | undefined {
  const { source, servers } = inventory.clock;
  if (source !== 'chrony' || servers.length === 0) return undefined;
  const own = servers.findIndex((server) => server.host === host.name);
  const followed = own === -1 ? servers : servers.filter((server, index) => server.host === undefined || index < own);
  const addresses = followed.map((server) => server.address);
  // A server of ours may be asked every second, which makes clocks right within seconds; others stay at 64 s.
  const isOurs = (server: ClockServer) => server.host !== undefined || isPrivate(server.address);
  const lines = [
    '# Written by etcdperf hosts:init. hosts:reset puts back what was here before.',
    ...followed.map((server) => `server ${server.address} iburst${isOurs(server) ? ' minpoll 0' : ''} maxpoll 6`),
    // After that, clocks are slewed: a step in the middle of an experiment would falsify it.
    'makestep 0.01 3',
    'rtcsync',
    'driftfile /var/lib/chrony/chrony.drift',
    ...(own === -1 ? [] : [`local stratum ${8 + own}`, 'allow']),
  ];
  return { servers: addresses, serves: own !== -1, config: `${lines.join('\n')}\n` };
}

/** Whether an address belongs to a private network (RFC 1918, 3927, 4193) or a test bench (RFC 2544). */
function isPrivate(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const list = new BlockList();
  list.addSubnet('10.0.0.0', 8);
  list.addSubnet('172.16.0.0', 12);
  list.addSubnet('192.168.0.0', 16);
  list.addSubnet('169.254.0.0', 16);
  list.addSubnet('198.18.0.0', 15);
  list.addSubnet('fc00::', 7, 'ipv6');
  list.addSubnet('fe80::', 10, 'ipv6');
  return list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
