import type { Duplex } from 'node:stream';
import { abortReason } from '../errors/index.ts';
import { type LoggedIn, type LogInOptions, logIn } from './log-in.ts';
import { ConnectError } from './ssh-error.ts';
import type { SshTarget } from './ssh-target.ts';

/** Opens connections, those behind jump hosts through ONE connection per jump host, shared by all hosts behind it. */
export class Connector {
  readonly #options: LogInOptions;
  readonly #jumps = new Map<string, Promise<LoggedIn>>();

  constructor(options: LogInOptions) {
    this.#options = options;
  }

  /** Connects and logs in, hop by hop, verifying every hop's key. Throws ConnectError, AuthenticationError, HostKeyError. */
  async open(target: SshTarget): Promise<LoggedIn> {
    return logIn(target, await this.#way(target.hops, target), this.#options);
  }

  /** Ends the jump hosts' connections. */
  async close(): Promise<void> {
    const jumps = await Promise.allSettled(this.#jumps.values());
    // The innermost were opened last, and go first.
    for (const jump of jumps.toReversed()) if (jump.status === 'fulfilled') await jump.value.end();
  }

  /** A channel to `next` through the hops; undefined where there are none. */
  async #way(hops: readonly SshTarget[], next: SshTarget): Promise<Duplex | undefined> {
    const last = hops.at(-1);
    if (last === undefined) return undefined;
    const jump = await this.#jump(hops.slice(0, -1), last);
    return forward(jump, last, next, this.#options);
  }

  #jump(before: readonly SshTarget[], hop: SshTarget): Promise<LoggedIn> {
    const key = [...before, hop].map(({ user, host, port }) => `${user}@${host}:${port}`).join(' ');
    let jump = this.#jumps.get(key);
    if (jump === undefined) {
      jump = this.#way(before, hop).then((through) => logIn(hop, through, this.#options));
      this.#jumps.set(key, jump);
      const forget = () => this.#jumps.delete(key);
      // The next host that needs it tries again.
      jump.then(({ client }) => client.once('close', forget), forget);
    }
    return jump;
  }
}

/** A channel from a hop on to the next host, within the time limit: the hop itself may wait for minutes. */
function forward(
  { client }: LoggedIn,
  hop: SshTarget,
  next: SshTarget,
  { connectTimeoutMs, signal }: LogInOptions,
): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const unreachable = (why: string, cause?: unknown) =>
    new ConnectError(`${hop.name} cannot reach ${next.host}:${next.port}: ${why}`, {
      where: next.name,
      hint: `does sshd on ${hop.name} allow forwarding (AllowTcpForwarding), and is ${next.host} up?`,
      cause,
      retries: 0,
    });
  let over = false;
  const onTime = () => reject(unreachable(`no answer within ${connectTimeoutMs} ms`));
  const timer = setTimeout(onTime, connectTimeoutMs);
  const onAbort = () => reject(abortReason(signal!));
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  client.forwardOut('127.0.0.1', 0, next.host, next.port, (error, channel) => {
    if (error !== undefined) reject(unreachable(error.message, error));
    else if (over) channel.destroy();
    else resolve(channel);
  });
  return promise.finally(() => {
    over = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });
}
