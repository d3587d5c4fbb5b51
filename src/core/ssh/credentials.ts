import { type PrivateKey, readPrivateKey } from './private-keys.ts';
import type { Prompt } from './prompt.ts';
import { readSecret } from './read-secret.ts';
import type { SshTarget } from './ssh-target.ts';

/** Keys and passwords of one fan-out: each file is read, and each question asked, once for all hosts. */
export class Credentials {
  /** Who answers questions; undefined where there is nobody. */
  readonly prompt: Prompt | undefined;
  readonly #keys = new Map<string, Promise<PrivateKey>>();
  readonly #answers = new Map<string, Promise<string>>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(prompt: Prompt | undefined) {
    this.prompt = prompt;
  }

  /** The key in a file, opened with ETCDPERF_SSH_PASSPHRASE where it is encrypted. */
  key(path: string): Promise<PrivateKey> {
    return remember(this.#keys, path, () => readPrivateKey(path, process.env.ETCDPERF_SSH_PASSPHRASE));
  }

  /** The same after asking for its passphrase. */
  async askedKey(path: string): Promise<PrivateKey> {
    return readPrivateKey(path, await this.#ask(`Passphrase of ${path}:`));
  }

  /** The password that the inventory names a source for; undefined where it names none. Throws InputError. */
  async configuredPassword(target: SshTarget): Promise<string | undefined> {
    if (target.password === undefined) return undefined;
    return readSecret(target.password, `the password of ${target.name}`);
  }

  /** A password typed now, or before for the same user; undefined where nobody can be asked. */
  async askedPassword(user: string): Promise<string | undefined> {
    return this.#ask(`Password of ${user} (for every host that asks):`);
  }

  async #ask(question: string): Promise<string | undefined> {
    const { prompt } = this;
    if (prompt === undefined) return undefined;
    return remember(this.#answers, question, () => {
      const answer = this.#turn.then(() => prompt.secret(question));
      this.#turn = answer.catch(() => {});
      return answer;
    });
  }
}

function remember<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
