import { didYouMean } from '../errors/index.ts';
import type { Reading } from './reading.ts';
import type { KeyPath } from './yaml-source.ts';

/** Whether a host is known; where not, the problem is noted. */
export function isKnownHost(
  name: string,
  at: KeyPath,
  known: { readonly hosts: ReadonlySet<string>; readonly allHosts: boolean },
  groups: ReadonlySet<string>,
  reading: Reading,
): boolean {
  if (known.hosts.has(name)) return true;
  if (known.allHosts) {
    const hint = groups.has(name) ? `for the hosts of that group: '@${name}'` : didYouMean(name, known.hosts);
    reading.problem(at, `no host '${name}'`, { hint });
  }
  return false;
}
