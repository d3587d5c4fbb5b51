import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { wildcard } from './wildcard.ts';

/** What the user's and the system's ssh_config say, as far as it tells which hosts they treat alike. */
export interface SshConfigFiles {
  /** Whether they change at all how a host is reached. */
  readonly relevant: boolean;
  /** Whether hosts may differ although the same `Host` blocks name them (Match, tokens such as %h). */
  readonly individual: boolean;
  /** The patterns of each `Host` line. */
  readonly blocks: readonly (readonly string[])[];
}

/** The options that we go by, lower case. Debian's own system-wide configuration sets none of them. */
const RELEVANT = new Set([
  ...['hostname', 'port', 'user', 'identityfile', 'identityagent', 'identitiesonly', 'proxyjump', 'proxycommand'],
  ...['hostkeyalias', 'userknownhostsfile', 'globalknownhostsfile', 'canonicalizehostname'],
]);
const MAX_DEPTH = 16;

/** Reads `~/.ssh/config`, `/etc/ssh/ssh_config` and what they include. Files that can't be read say nothing. */
export async function readSshConfigFiles(home: string): Promise<SshConfigFiles> {
  const found = { relevant: false, individual: false, blocks: [] as string[][] };
  const read = async (file: string, base: string, depth: number): Promise<void> => {
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const { keyword, words } of directives(text)) {
      if (keyword === 'host') found.blocks.push(words);
      else if (keyword === 'match') found.individual ||= words.join(' ').toLowerCase() !== 'all';
      else if (keyword === 'include') {
        for (const word of words) {
          const files = depth < MAX_DEPTH ? await included(word, base, home) : undefined;
          if (files === undefined) found.relevant = found.individual = true;
          for (const path of files ?? []) await read(path, base, depth + 1);
        }
      } else if (RELEVANT.has(keyword)) {
        found.relevant = true;
        found.individual ||= keyword === 'canonicalizehostname' || words.some((word) => /[%$]/.test(word));
      }
    }
  };
  await read(join(home, '.ssh/config'), join(home, '.ssh'), 0);
  await read('/etc/ssh/ssh_config', '/etc/ssh', 0);
  return found;
}

function* directives(text: string): Generator<{ keyword: string; words: string[] }> {
  for (const line of text.split('\n')) {
    const [, keyword, rest] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    if (keyword === undefined || rest === undefined) continue;
    const words = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    yield { keyword: keyword.toLowerCase(), words };
  }
}

/** The files that an Include names, wildcards in the last part of the path; undefined for what we can't follow. */
async function included(word: string, base: string, home: string): Promise<string[] | undefined> {
  const path = word.startsWith('~/') ? join(home, word.slice(2)) : word.startsWith('/') ? word : join(base, word);
  const pattern = basename(path);
  if (/[%$~[\]]/.test(path) || /[*?]/.test(dirname(path))) return undefined;
  if (!/[*?]/.test(pattern)) return [path];
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => !name.startsWith('.') && wildcard(pattern, name))
    .map((name) => join(dirname(path), name));
}
