import { createHash, createHmac } from 'node:crypto';
import { matchesPatterns } from './wildcard.ts';

/** One usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** The first field, as written: comma-separated patterns, or one `|1|salt|hash`. */
  readonly names: string;
  /** `ssh-ed25519`, … */
  readonly keyType: string;
  /** The key blob, base64. */
  readonly key: string;
  readonly file: string;
  readonly line: number;
}

/** Reads the lines of one file. Comments, empty and malformed lines are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const found: KnownHost[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const fields = raw.trim().split(/[ \t]+/);
    const marker = markerOf(fields[0] ?? '');
    if (marker === undefined) continue;
    if (marker !== 'none') fields.shift();
    const [names, keyType, key] = fields;
    if (names === undefined || keyType === undefined || key === undefined || names.startsWith('#')) continue;
    if (blobType(key) !== keyType) continue;
    found.push({ marker, names, keyType, key, file, line: index + 1 });
  }
  return found;
}

function markerOf(field: string): KnownHost['marker'] | undefined {
  if (!field.startsWith('@')) return 'none';
  if (field === '@revoked') return 'revoked';
  return field === '@cert-authority' ? 'cert-authority' : undefined;
}

/** The key type a blob names in its first string, or undefined when it is no key. */
function blobType(base64: string): string | undefined {
  const blob = Buffer.from(base64, 'base64');
  if (blob.length < 4) return undefined;
  return blob.toString('latin1', 4, 4 + blob.readUInt32BE(0));
}

/** The name under which a host is looked up: bare on port 22, `[host]:port` on any other. */
export function knownHostName(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

/** Whether a line's first field names the host. A matching `!pattern` wins over every other. */
export function matchesKnownHost(names: string, name: string): boolean {
  if (names.startsWith('|')) return matchesHashed(names, name);
  return matchesPatterns(names.toLowerCase().split(','), name);
}

function matchesHashed(names: string, name: string): boolean {
  const [, magic, salt, hash] = names.split('|');
  if (magic !== '1' || salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `SHA256:…`, as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer | string): string {
  const blob = typeof key === 'string' ? Buffer.from(key, 'base64') : key;
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** What the lines say about a host's key. */
export type KeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly expected: KnownHost }
  | { readonly kind: 'revoked'; readonly by: KnownHost };

/**
 * Judges the key that a host presented by the lines that name the host. Revoked wins over known, known over changed. A key of a type that no line
 * holds for this host counts as changed too: else a man in the middle would only have to present another type.
 */
export function judgeKey(lines: readonly KnownHost[], key: Buffer): KeyVerdict {
  const base64 = key.toString('base64');
  let expected: KnownHost | undefined;
  let known = false;
  for (const line of lines) {
    if (line.marker === 'cert-authority') continue;
    const same = line.key === base64;
    if (line.marker === 'revoked') {
      if (same) return { kind: 'revoked', by: line };
    } else if (same) known = true;
    else if (expected === undefined || line.keyType === blobType(base64)) expected = line;
  }
  if (known) return { kind: 'known' };
  return expected === undefined ? { kind: 'unknown' } : { kind: 'changed', expected };
}

/** The lines that name a host. */
export function linesOfHost(lines: readonly KnownHost[], name: string): KnownHost[] {
  return lines.filter((line) => matchesKnownHost(line.names, name));
}
