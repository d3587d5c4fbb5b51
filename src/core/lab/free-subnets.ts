import { networkInterfaces } from 'node:os';

const SUBNETS = 512;

/**
 * Subnets of 198.18.0.0/15 (RFC 2544) that no interface is in, lowest first, as numbers of a /24. Whether one is won, the
 * kernel decides.
 */
export function freeSubnets(): number[] {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).flatMap(({ cidr }) => subnetsOf(cidr))),
  );
  return Array.from({ length: SUBNETS }, (_, number) => number).filter((number) => !taken.has(number));
}

/** First three octets. */
export function subnetPrefix(number: number): string {
  return `198.${18 + Math.floor(number / 256)}.${number % 256}`;
}

/** `198.19.16.1/20` is in 16 of them. */
function subnetsOf(cidr: string | null): number[] {
  const [address = '', bits = ''] = (cidr ?? '').split('/');
  const [first, second, third] = address.split('.').map(Number);
  if (first !== 198 || (second !== 18 && second !== 19) || third === undefined) return [];
  const count = Math.min(SUBNETS, 2 ** Math.max(0, 24 - Number(bits)));
  const number = (second - 18) * 256 + third;
  const start = number - (number % count);
  return Array.from({ length: count }, (_, index) => start + index);
}
