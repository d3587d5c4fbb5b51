import type { AnyAuthMethod } from 'ssh2';
import { InputError } from '../errors/index.ts';
import type { Credentials } from './credentials.ts';
import { OneKeyAgent } from './one-key-agent.ts';
import type { PrivateKey } from './private-keys.ts';
import type { SshTarget } from './ssh-target.ts';

/**
 * The ways to log in, in order: the agent's keys, key files, a password. Each is prepared only when those before it
 * were refused, so nobody is asked for what is not needed. `offered` tells what the server still accepts (`undefined`
 * before the first try). Throws InputError for a key or password that the inventory names and that cannot be used.
 */
export async function* logInMethods(
  target: SshTarget,
  credentials: Credentials,
  offered: () => readonly string[] | undefined,
): AsyncGenerator<AnyAuthMethod, void> {
  const { user: username, agent } = target;
  if (agent !== undefined && !target.identitiesOnly) yield { type: 'agent', username, agent };
  let locked: string | undefined;
  for (const { path, required } of target.keys) {
    const found = await credentials.key(path);
    switch (found.kind) {
      case 'usable':
        yield { type: 'publickey', username, key: found.key };
        break;
      case 'unusable':
        if (required) throw unusable(target, path, found);
        break;
      case 'locked': {
        if (agent !== undefined && target.identitiesOnly && found.publicKey !== undefined)
          yield { type: 'agent', username, agent: new OneKeyAgent(agent, found.publicKey) };
        if (required && credentials.prompt !== undefined) {
          const opened = await credentials.askedKey(path);
          if (opened.kind === 'unusable') throw unusable(target, path, opened);
          if (opened.kind === 'usable') yield { type: 'publickey', username, key: opened.key };
        } else if (required) locked = path;
        break;
      }
      default:
        found satisfies never;
    }
  }
  const configured = await credentials.configuredPassword(target);
  if (configured !== undefined) {
    yield { type: 'password', username, password: configured };
    yield keyboard(username, configured);
  } else if (credentials.prompt !== undefined) {
    // Asks the server what it accepts before a person is asked for anything.
    if (offered() === undefined) yield { type: 'none', username };
    const left = offered() ?? [];
    if (!left.includes('password') && !left.includes('keyboard-interactive')) return;
    const typed = await credentials.askedPassword(username);
    if (typed === undefined) return;
    yield { type: 'password', username, password: typed };
    yield keyboard(username, typed);
  } else if (locked !== undefined) {
    throw new InputError(`the key of ${target.name} is encrypted`, {
      where: locked,
      hint: 'load it into an agent (ssh-add), or give its passphrase in ETCDPERF_SSH_PASSPHRASE',
    });
  }
}

function keyboard(username: string, password: string): AnyAuthMethod {
  return {
    type: 'keyboard-interactive',
    username,
    prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
  };
}

function unusable(target: SshTarget, path: string, key: PrivateKey & { kind: 'unusable' }): InputError {
  return new InputError(`the key of ${target.name} cannot be used: ${key.why}`, { where: path, cause: key.cause });
}
