import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type ConnectConfig, type Client as SshClient } from 'ssh2';
import { abortReason } from '../errors/index.ts';
import type { Credentials } from './credentials.ts';
import type { HostKeyPlace, HostKeys } from './host-keys.ts';
import { logInMethods } from './log-in-methods.ts';
import type { SshTarget } from './ssh-target.ts';
import { connectTimeout, lostEarly, translateError } from './translate-error.ts';
import { writeOncePerTick } from './write-once-per-tick.ts';

export interface LogInOptions {
  readonly hostKeys: HostKeys;
  readonly credentials: Credentials;
  /** For TCP, key exchange and log-in together; the time a person takes to answer does not count. */
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What the CPU does itself comes first: a fan-out's cost is mostly key exchange and these. */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];
const KEY_EXCHANGES = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
];

/** How long a peer may take to close after we said goodbye. */
const GOODBYE_MS = 500;

/** A client that is logged in, on its own transport. */
export interface LoggedIn {
  readonly client: SshClient;
  /** Says goodbye and waits for the end, for a peer that is gone not long. */
  end(): Promise<void>;
}

/** One SSH connection to one host, over TCP or `through` a channel of another. Throws ConnectError, AuthenticationError, HostKeyError. */
export async function logIn(target: SshTarget, through: Duplex | undefined, options: LogInOptions): Promise<LoggedIn> {
  const { hostKeys, signal, connectTimeoutMs } = options;
  if (signal?.aborted) throw abortReason(signal);
  const { host, port } = target;
  const place: HostKeyPlace = {
    where: target.name,
    host,
    port,
    alias: target.hostKeyAlias,
    files: target.knownHostsFiles,
  };
  const serverHostKey = await hostKeys.algorithms(place);
  const transport: Duplex = through ?? writeOncePerTick(connect({ host, port, noDelay: true }));
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const untilAsked = pausableTimer(connectTimeoutMs, () => reject(connectTimeout(target, connectTimeoutMs)));
  let refused: Error | undefined;
  const tried: string[] = [];
  let offered: readonly string[] | undefined;
  const methods = logInMethods(target, options.credentials, () => offered);
  const nextMethod = async (): Promise<AnyAuthMethod | false> => {
    for await (const method of { [Symbol.asyncIterator]: () => ({ next: () => methods.next() }) }) {
      if (offered !== undefined && !offered.includes(method.type === 'agent' ? 'publickey' : method.type)) continue;
      if (method.type !== 'none') tried.push(method.type);
      return method;
    }
    return false;
  };
  const config: ConnectConfig = {
    username: target.user,
    // A Duplex is enough for ssh2; its type wants the Readable half only.
    sock: transport as Socket,
    readyTimeout: 0,
    keepaliveInterval: options.keepaliveMs,
    keepaliveCountMax: 3,
    algorithms: {
      cipher: CIPHERS as never,
      kex: KEY_EXCHANGES as never,
      serverHostKey: serverHostKey as never,
    },
    hostVerifier: (key: Buffer, verify: (good: boolean) => void) => {
      untilAsked.pause(hostKeys.verify(place, key)).then(
        () => verify(true),
        (error: Error) => {
          refused = error;
          verify(false);
        },
      );
    },
    authHandler: (left, _partial, next) => {
      offered = left ?? undefined;
      untilAsked.pause(nextMethod()).then(
        (method) => next(method as never),
        (error: Error) => {
          refused = error;
          next(false as never);
        },
      );
    },
  };
  const onAbort = () => reject(abortReason(signal!));
  signal?.addEventListener('abort', onAbort, { once: true });
  client.once('ready', resolve);
  // Not once: ssh2 emits several errors on one failure, and an unheard one ends the process.
  client.on('error', (error) => reject(refused ?? translateError(error, target, tried)));
  client.once('close', () => reject(refused ?? lostEarly(target)));
  client.connect(config);
  try {
    await promise;
    return { client, end: () => endClient(client, transport) };
  } catch (error) {
    transport.destroy();
    throw error;
  } finally {
    untilAsked.stop();
    signal?.removeEventListener('abort', onAbort);
  }
}

async function endClient(client: SshClient, transport: Duplex): Promise<void> {
  if (transport.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => transport.destroy(), GOODBYE_MS);
  client.once('close', () => resolve());
  client.end();
  await promise;
  clearTimeout(timer);
}

/** A timer that stands still while somebody is asked something. */
function pausableTimer(ms: number, onEnd: () => void) {
  let left = ms;
  let since = performance.now();
  let timer = setTimeout(onEnd, left);
  let stopped = false;
  return {
    async pause<T>(asking: Promise<T>): Promise<T> {
      clearTimeout(timer);
      left -= performance.now() - since;
      try {
        return await asking;
      } finally {
        since = performance.now();
        if (!stopped) timer = setTimeout(onEnd, Math.max(left, 1));
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
