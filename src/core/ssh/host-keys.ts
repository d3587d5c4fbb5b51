import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OperationError } from '../errors/index.ts';
import {
  fingerprint,
  judgeKey,
  type KeyVerdict,
  type KnownHost,
  knownHostName,
  linesOfHost,
  parseKnownHosts,
} from './known-hosts.ts';
import type { Prompt } from './prompt.ts';
import { HostKeyError } from './ssh-error.ts';

/** What is done with a host that no file knows. */
export type UnknownHostPolicy =
  | { readonly kind: 'refuse' }
  | { readonly kind: 'accept' }
  | { readonly kind: 'ask'; readonly prompt: Prompt };

/** One place to check: the host as known_hosts names it. */
export interface HostKeyPlace {
  /** The inventory's name, for messages. */
  readonly where: string;
  readonly host: string;
  readonly port: number;
  /** Looked up instead of host and port where given (`HostKeyAlias`). */
  readonly alias?: string | undefined;
  /** Read in this order; a new key is appended to the first. */
  readonly files: readonly string[];
}

/** Signature algorithms of host keys, in the order in which they are asked for. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};

/** The host keys on file, each file read once per instance. Verifies every hop of every connection. */
export class HostKeys {
  readonly #unknown: UnknownHostPolicy;
  readonly #files = new Map<string, Promise<KnownHost[]>>();
  readonly #found = new Map<string, Promise<KnownHost[]>>();
  readonly #accepted = new Map<string, KnownHost[]>();
  /** Questions and additions go one by one: fifty hosts behind one jump host must not ask fifty times. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(unknown: UnknownHostPolicy) {
    this.#unknown = unknown;
  }

  /**
   * Host key algorithms to ask for: those of known keys first, so that a host with several keys shows one we know; then
   * all others, so that a host whose key changed its type is told from one that speaks no common algorithm.
   */
  async algorithms(place: HostKeyPlace): Promise<string[]> {
    const lines = [...(await this.#lines(place)), ...(await this.#lines({ ...place, port: 22 }))];
    const known = lines.filter(({ marker }) => marker === 'none').map(({ keyType }) => keyType);
    const types = new Set([...known, ...Object.keys(ALGORITHMS)]);
    return [...types].flatMap((type) => ALGORITHMS[type] ?? []);
  }

  /** Resolves for a key that is on file, or was accepted now; throws `HostKeyError` for every other. */
  async verify(place: HostKeyPlace, key: Buffer): Promise<void> {
    const judge = () => this.#judge(place, key);
    const verdict = await judge();
    switch (verdict.kind) {
      case 'known':
        return;
      case 'changed':
        throw changedKey(place, key, verdict.expected);
      case 'revoked':
        throw new HostKeyError(`the host key is revoked (${verdict.by.file}:${verdict.by.line})`, {
          where: place.where,
          hint: `the host presents ${fingerprint(key)}: do not log in before you know why it still uses that key`,
          reason: 'revoked',
        });
      case 'unknown': {
        const turn = this.#turn.then(async () => {
          // Another connection to the same host may have been accepted while this one waited.
          const now = await judge();
          if (now.kind === 'known') return;
          await this.#decide(place, key);
        });
        this.#turn = turn.catch(() => {});
        return turn;
      }
      default:
        verdict satisfies never;
    }
  }

  async #decide(place: HostKeyPlace, key: Buffer): Promise<void> {
    const policy = this.#unknown;
    const shown = `${keyType(key)} ${fingerprint(key)}`;
    if (policy.kind === 'ask') {
      const question = `The host ${place.where} (${placeName(place)}) is not known. Its key is ${shown}. Trust it?`;
      if (await policy.prompt.confirm(question)) return this.#accept(place, key);
    } else if (policy.kind === 'accept') return this.#accept(place, key);
    const byAuthority = (await this.#lines(place)).find(({ marker }) => marker === 'cert-authority');
    if (byAuthority !== undefined) {
      throw new HostKeyError(`the host key itself is not known, only who certifies it: ${shown}`, {
        where: place.where,
        hint: `host certificates (${byAuthority.file}:${byAuthority.line}) are not supported: use --accept-new, or add the key`,
        reason: 'unknown',
      });
    }
    throw new HostKeyError(`the host key is not known: ${shown}`, {
      where: place.where,
      hint: `compare it with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then use --accept-new, or add it to ${place.files[0] ?? 'known_hosts'}`,
      reason: 'unknown',
    });
  }

  async #accept(place: HostKeyPlace, key: Buffer): Promise<void> {
    const name = placeName(place);
    const [file] = place.files;
    const line = `${name} ${keyType(key)} ${key.toString('base64')}`;
    if (file !== undefined && file !== '/dev/null') {
      await appendLine(file, line).catch((cause: Error) => {
        throw new OperationError(`the host key can't be remembered: ${cause.message}`, { where: place.where, cause });
      });
    }
    this.#accepted.set(name, parseKnownHosts(line, file ?? 'memory'));
  }

  async #judge(place: HostKeyPlace, key: Buffer): Promise<KeyVerdict> {
    const verdict = judgeKey(await this.#lines(place), key);
    if (verdict.kind !== 'unknown' || place.port === 22 || place.alias !== undefined) return verdict;
    // As OpenSSH does: a key that is on file for the bare name is good for any port. Another key there means nothing.
    const bare = judgeKey(await this.#lines({ ...place, port: 22 }), key);
    return bare.kind === 'changed' ? verdict : bare;
  }

  /** The lines that name the host. Found once: matching hashed names costs an HMAC per line. */
  async #lines(place: HostKeyPlace): Promise<readonly KnownHost[]> {
    const name = placeName(place);
    const key = [name, ...place.files].join('\n');
    let found = this.#found.get(key);
    if (found === undefined) {
      const reading = Promise.all(place.files.map((file) => this.#read(file)));
      found = reading.then((perFile) => linesOfHost(perFile.flat(), name));
      this.#found.set(key, found);
    }
    return [...(await found), ...(this.#accepted.get(name) ?? [])];
  }

  #read(file: string): Promise<KnownHost[]> {
    let lines = this.#files.get(file);
    if (lines === undefined) {
      lines = readFile(file, 'utf8').then(
        (text) => parseKnownHosts(text, file),
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return [];
          throw new OperationError(`known host keys can't be read: ${error.message}`, { where: file, cause: error });
        },
      );
      this.#files.set(file, lines);
    }
    return lines;
  }
}

async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const before = await readFile(file, 'utf8').catch(() => '');
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  await appendFile(file, `${separator}${line}\n`, { mode: 0o600 });
}

function placeName(place: HostKeyPlace): string {
  return place.alias === undefined ? knownHostName(place.host, place.port) : place.alias.toLowerCase();
}

function keyType(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

function changedKey(place: HostKeyPlace, key: Buffer, expected: KnownHost): HostKeyError {
  const at = `${expected.file}:${expected.line}`;
  return new HostKeyError(
    `the host key has changed: it presents ${keyType(key)} ${fingerprint(key)}, but ${at} has ${expected.keyType} ${fingerprint(expected.key)}`,
    {
      where: place.where,
      hint: `somebody may be in the middle; if the host was reinstalled, remove line ${expected.line} of ${expected.file}`,
      reason: 'changed',
    },
  );
}
