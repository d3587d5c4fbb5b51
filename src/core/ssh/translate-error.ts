import { AuthenticationError, ConnectError } from './ssh-error.ts';
import type { SshTarget } from './ssh-target.ts';

const STARTUPS = "sshd's MaxStartups may be reached: lower --forks";

const BUSY_RETRIES = 5;

/** Network errors by code: what is said, what to try, how many more tries may help. */
const NETWORK: Readonly<Record<string, readonly [text: string, hint: string, retries: number]>> = {
  ECONNREFUSED: ['connection refused', 'is sshd running there, on that port?', 1],
  EHOSTUNREACH: ['no route to the host', 'is the host up, and on this network?', 1],
  ENETUNREACH: ['no route to its network', 'is a jump host needed?', 0],
  // Not tried again: the time limit was waited for already.
  ETIMEDOUT: ['no answer', 'is the host up, and the port open in its firewall?', 0],
  ENOTFOUND: ['the name is not known', 'give the host an address in the inventory', 0],
  EAI_AGAIN: ['the name could not be looked up', 'give the host an address in the inventory', 2],
  ECONNRESET: ['the connection was reset during the handshake', STARTUPS, BUSY_RETRIES],
  EPIPE: ['the connection was closed during the handshake', STARTUPS, BUSY_RETRIES],
};

/** The one place where ssh2's errors of connecting become ours. `tried` lists the ways to log in that were refused. */
export function translateError(
  error: Error & { level?: string; code?: string | number },
  target: SshTarget,
  tried: readonly string[],
): AuthenticationError | ConnectError {
  const where = target.name;
  const at = `${target.host}:${target.port}`;
  if (error.level === 'client-authentication' || /too many authentication failures/i.test(error.message)) {
    const ways = tried.length === 0 ? 'nothing: there is no key, agent or password' : [...new Set(tried)].join(', ');
    return new AuthenticationError(`${target.user}@${at} refused to log us in (tried: ${ways})`, {
      where,
      hint: 'name the right user and keyFile in the inventory, load the key into an agent, or give a passwordFile',
      cause: error,
    });
  }
  const entry = NETWORK[error.code ?? ''];
  if (entry !== undefined)
    return new ConnectError(`${at}: ${entry[0]}`, { where, hint: entry[1], retries: entry[2], cause: error });
  if (/connection lost before handshake/i.test(error.message)) return lostEarly(target, error);
  if (error.level === 'protocol' || error.level === 'handshake')
    return new ConnectError(`${at}: the SSH handshake failed: ${error.message}`, {
      where,
      hint: `compare with ssh -v -p ${target.port} ${target.host}`,
      retries: 0,
      cause: error,
    });
  return new ConnectError(`${at}: ${error.message}`, { where, retries: 1, cause: error });
}

/** The peer hung up before we were logged in. */
export function lostEarly(target: SshTarget, cause?: unknown): ConnectError {
  return new ConnectError(`${target.host}:${target.port}: the connection was closed before it was ready`, {
    where: target.name,
    hint: STARTUPS,
    retries: BUSY_RETRIES,
    cause,
  });
}

export function connectTimeout(target: SshTarget, timeoutMs: number): ConnectError {
  const [text, hint, retries] = NETWORK.ETIMEDOUT!;
  const message = `${target.host}:${target.port}: ${text} within ${timeoutMs} ms`;
  return new ConnectError(message, { where: target.name, hint, retries });
}
