import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type ConnectConfig, type Client as SshClient } from 'ssh2';
import { InputError, OperationError } from '../errors/index.ts';
import { abortReason } from './abort-reason.ts';
import type { HostKeyPlace, HostKeys } from './host-keys.ts';
import type { Prompt } from './prompt.ts';
import { readSecret } from './read-secret.ts';
import { AuthenticationError, ConnectError } from './ssh-error.ts';
import type { SshTarget } from './ssh-target.ts';

export interface ConnectionOptions {
  readonly hostKeys: HostKeys;
  /** For passphrases and passwords that are nowhere else; absent where nobody can be asked. */
  readonly prompt?: Prompt | undefined;
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Ciphers that the CPU does itself, first: a fan-out's cost is mostly key exchange and these. */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
];
const KEY_EXCHANGES = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
];

/** A connection to the target, through its hops, and what ends with it. */
export interface OpenConnection {
  readonly client: SshClient;
  end(): void;
}

/** Connects and logs in, hop by hop, verifying every host's key. Throws ConnectError, AuthenticationError, HostKeyError. */
export async function openConnection(target: SshTarget, options: ConnectionOptions): Promise<OpenConnection> {
  const opened: SshClient[] = [];
  const end = () => {
    for (const client of opened.toReversed()) client.end();
  };
  try {
    let through: Duplex | undefined;
    for (const [index, hop] of [...target.hops, target].entries()) {
      const client = await logIn(hop, through, options);
      opened.push(client);
      const next = [...target.hops, target][index + 1];
      if (next !== undefined) through = await forward(client, hop, next);
    }
    return { client: opened.at(-1)!, end };
  } catch (error) {
    end();
    throw error;
  }
}

async function logIn(target: SshTarget, sock: Duplex | undefined, options: ConnectionOptions): Promise<SshClient> {
  const { hostKeys, signal } = options;
  if (signal?.aborted) throw abortReason(signal);
  const place: HostKeyPlace = {
    where: target.name,
    host: target.host,
    port: target.port,
    alias: target.hostKeyAlias,
    files: target.knownHostsFiles,
  };
  const [methods, serverHostKey] = await Promise.all([authMethods(target, options), hostKeys.algorithms(place)]);
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let refused: Error | undefined;
  const config: ConnectConfig = {
    host: target.host,
    port: target.port,
    username: target.user,
    ...(sock === undefined ? {} : { sock: sock as never }),
    readyTimeout: options.connectTimeoutMs,
    keepaliveInterval: options.keepaliveMs,
    keepaliveCountMax: 3,
    algorithms: {
      cipher: CIPHERS as never,
      kex: KEY_EXCHANGES as never,
      ...(serverHostKey === undefined ? {} : { serverHostKey: serverHostKey as never }),
    },
    hostVerifier: (key: Buffer, verify: (good: boolean) => void) => {
      hostKeys.verify(place, key).then(
        () => verify(true),
        (error: Error) => {
          refused = error;
          verify(false);
        },
      );
    },
    authHandler: methods,
  };
  const onAbort = () => reject(abortReason(signal!));
  signal?.addEventListener('abort', onAbort, { once: true });
  client.once('ready', resolve);
  // Not once: ssh2 emits several errors on one failure, and an unheard one ends the process.
  client.on('error', (error) => reject(refused ?? translate(error, target, methods)));
  client.once('close', () => reject(refused ?? lost(target)));
  client.connect(config);
  try {
    await promise;
    client.setNoDelay?.(true);
    return client;
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** What is tried to log in, in order: the agent's keys, key files, the password. */
async function authMethods(target: SshTarget, { prompt }: ConnectionOptions): Promise<AnyAuthMethod[]> {
  const { user: username, agent } = target;
  const keys = (await Promise.all(target.keys.map((key) => loadKey(target, key, prompt)))).flat();
  const methods: AnyAuthMethod[] = keys.map((key) => ({ type: 'publickey', username, key }));
  if (agent !== undefined && !target.identitiesOnly) methods.unshift({ type: 'agent', username, agent });
  if (target.password !== undefined) {
    const password = await readSecret(target.password, `the password of ${target.name}`);
    methods.push({ type: 'password', username, password }, keyboard(username, password));
  } else if (prompt !== undefined && methods.length === 0) {
    const password = await prompt.secret(`Password of ${username}@${target.name}:`);
    methods.push({ type: 'password', username, password }, keyboard(username, password));
  }
  return methods;
}

function keyboard(username: string, password: string): AnyAuthMethod {
  return {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
  };
}

/** The key, unlocked; nothing for a missing file that nobody asked for. */
async function loadKey(
  target: SshTarget,
  { path, required }: SshTarget['keys'][number],
  prompt: Prompt | undefined,
): Promise<ssh2.ParsedKey[]> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (cause) {
    if (!required) return [];
    throw new InputError(`the key of ${target.name} cannot be read: ${(cause as Error).message}`, {
      where: path,
      cause,
    });
  }
  let parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error && /encrypted|passphrase/i.test(parsed.message)) {
    const passphrase =
      target.passphrase !== undefined
        ? await readSecret(target.passphrase, `the passphrase of ${path}`)
        : (process.env.ETCDPERF_SSH_PASSPHRASE ??
          (required ? await prompt?.secret(`Passphrase of ${path}:`) : undefined));
    // Without it, other ways to log in may still do.
    if (passphrase === undefined && !required) return [];
    if (passphrase !== undefined) parsed = ssh2.utils.parseKey(text, passphrase);
  }
  if (!(parsed instanceof Error)) return Array.isArray(parsed) ? parsed : [parsed];
  if (!required) return [];
  throw new InputError(`the key of ${target.name} cannot be used: ${parsed.message}`, {
    where: path,
    hint: 'load it into an agent (ssh-add), or give its passphrase in ETCDPERF_SSH_PASSPHRASE',
  });
}

function forward(client: SshClient, hop: SshTarget, next: SshTarget): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, next.host, next.port, (error, channel) => {
      if (error === undefined) return resolve(channel);
      reject(
        new ConnectError(`${hop.name} cannot reach ${next.host}:${next.port}: ${error.message}`, {
          where: next.name,
          hint: `does sshd on ${hop.name} allow forwarding (AllowTcpForwarding), and is ${next.host} up?`,
          cause: error,
          transient: false,
        }),
      );
    });
  });
}

/** The one place where ssh2's errors become ours. */
function translate(
  error: Error & { level?: string; code?: string },
  target: SshTarget,
  methods: readonly AnyAuthMethod[],
) {
  const where = target.name;
  const at = `${target.host}:${target.port}`;
  if (error.level === 'client-authentication') {
    const tried =
      [...new Set(methods.map(({ type }) => type))].join(', ') || 'nothing: there is no key, agent or password';
    return new AuthenticationError(`${target.user}@${at} refused to log us in (tried: ${tried})`, {
      where,
      hint: 'name the right user and keyFile in the inventory, load the key into an agent, or give a passwordFile',
      cause: error,
    });
  }
  const known: Record<string, [string, string, boolean]> = {
    ECONNREFUSED: ['connection refused', 'is sshd running there, on that port?', true],
    EHOSTUNREACH: ['no route to the host', 'is the host up, and on this network?', true],
    ENETUNREACH: ['no route to its network', 'is a jump host needed?', true],
    ETIMEDOUT: ['no answer', 'is the host up, and the port open in its firewall?', true],
    ENOTFOUND: ['the name is not known', 'give the host an address in the inventory', false],
    EAI_AGAIN: ['the name could not be looked up', 'give the host an address in the inventory', true],
    ECONNRESET: [
      'the connection was reset during the handshake',
      "sshd's MaxStartups may be reached: lower --forks",
      true,
    ],
    EPIPE: ['the connection was closed during the handshake', "sshd's MaxStartups may be reached: lower --forks", true],
  };
  const entry = known[error.code ?? ''] ?? (error.level === 'client-timeout' ? known.ETIMEDOUT : undefined);
  if (entry !== undefined)
    return new ConnectError(`${at}: ${entry[0]}`, { where, hint: entry[1], transient: entry[2], cause: error });
  if (error.level === 'protocol' || error.level === 'handshake')
    return new OperationError(`${at}: the SSH handshake failed: ${error.message}`, { where, cause: error });
  return new ConnectError(`${at}: ${error.message}`, { where, transient: true, cause: error });
}

function lost(target: SshTarget): ConnectError {
  return new ConnectError(`${target.host}:${target.port}: the connection was closed before it was ready`, {
    where: target.name,
    hint: "sshd's MaxStartups may be reached: lower --forks",
    transient: true,
  });
}
