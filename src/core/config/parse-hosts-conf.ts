import { basename } from 'node:path';
import type { InputProblem } from '../errors/index.ts';

/** One line of an old hosts file. */
export interface ConfHost {
  readonly address: string;
  /** `file:line:column` */
  readonly where: string;
}

const ADDRESS = /^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$/;

/**
 * An old hosts file: one address a line; what follows `#`, and blank lines, are left out.
 * @param name how the file is called in messages
 */
export function parseHostsConf(text: string, name: string): { hosts: ConfHost[]; problems: InputProblem[] } {
  const hosts: ConfHost[] = [];
  const problems: InputProblem[] = [];
  const lineOf = new Map<string, number>();
  text.split('\n').forEach((raw, i) => {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') return;
    const where = `${name}:${i + 1}:${raw.indexOf(line) + 1}`;
    const first = lineOf.get(line);
    if (!ADDRESS.test(line)) {
      problems.push({ where, message: `'${line}' is not an address`, hint: 'one host name or IP address a line' });
    } else if (first !== undefined) {
      problems.push({ where, message: `${line} is listed twice, first in line ${first}` });
    } else {
      lineOf.set(line, i + 1);
      hosts.push({ address: line, where });
    }
  });
  if (hosts.length === 0 && problems.length === 0) {
    problems.push({ where: `${name}:1:1`, message: 'lists no host', hint: 'one host name or IP address a line' });
  }
  return { hosts, problems };
}

/** The group that a hosts file stands for: `master-ips.conf` → masters, `agent-ips.conf` → agents, `etcd.conf` → etcd. */
export function groupOfConf(path: string): string {
  const name = basename(path)
    .replace(/\.[^.]*$/, '')
    .replace(/[-_](ips?|hosts?|list|addresses)$/, '');
  return name === 'master' || name === 'agent' ? `${name}s` : name;
}
