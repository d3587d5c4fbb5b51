import { isIPv6 } from 'node:net';
import { InputError } from '../errors/index.ts';

/** `http(s)://address:port`, with IPv6 addresses in brackets. */
export function endpointUrl(secure: boolean, address: string, port: number): string {
  return `${secure ? 'https' : 'http'}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/**
 * What a user gave as `--endpoints`: comma-separated URLs, or bare `address:port`, which get the scheme given.
 * The order is kept, doubles are dropped. Throws one InputError with every entry that is no endpoint.
 */
export function parseEndpoints(text: string, bareScheme: 'http' | 'https' = 'http'): string[] {
  const problems: { message: string; where: string }[] = [];
  const endpoints = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      // Of an unknown scheme URL keeps the port as written; of http it would drop an explicit 80.
      const [scheme, rest] = part.includes('://') ? (part.split('://', 2) as [string, string]) : [bareScheme, part];
      const url = URL.parse(`etcd://${rest}`);
      const plain = url !== null && url.hostname !== '' && /^\/?$/.test(url.pathname) && url.search + url.hash === '';
      if (plain && (scheme === 'http' || scheme === 'https') && url.username === '')
        return `${scheme}://${url.hostname}:${url.port === '' ? 2379 : url.port}`;
      problems.push({ message: `'${part}' is no endpoint`, where: '--endpoints' });
      return '';
    });
  if (problems.length === 0 && endpoints.length > 0) return [...new Set(endpoints)];
  throw new InputError(endpoints.length === 0 ? 'no endpoints' : 'wrong endpoints', {
    where: '--endpoints',
    problems,
    hint: 'give them as http://10.0.0.1:2379,http://10.0.0.2:2379',
  });
}
