import type { JumpHost } from './inventory.ts';

const HOP = /^(?:([^@:\s]+)@)?(?:\[([0-9A-Fa-f:]+)\]|([^@:\s[\]]+))(?::(\d{1,5}))?$/;

/** A jump host that the inventory doesn't know: `[user@]address[:port]`, an IPv6 address in brackets. Else undefined. */
export function parseHop(written: string): JumpHost | undefined {
  const match = HOP.exec(written);
  if (match === null) return undefined;
  const [, user, ipv6, address, port] = match;
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65535)) return undefined;
  return {
    name: written,
    address: ipv6 ?? address!,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}
