import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { InputError } from '../errors/index.ts';
import { readSshConfigFiles, type SshConfigFiles } from './ssh-config-files.ts';
import { matchesPatterns } from './wildcard.ts';

/** What the user's ssh would do for a destination, as `ssh -G` says: option, lower case → its values in order. */
export type SshConfig = ReadonlyMap<string, readonly string[]>;

/**
 * The user's ssh configuration, asked from ssh itself. Fifty `ssh -G` would cost more than the work they are for, so
 * it is asked once for all hosts that the same `Host` blocks name, and not at all where the files say nothing of use.
 */
export class SshConfigs {
  readonly #home: string;
  readonly #ssh: readonly [string, ...string[]];
  readonly #configs = new Map<string, Promise<{ readonly askedFor: string; readonly config: SshConfig }>>();
  readonly #forks = pLimit(4);
  #files: Promise<SshConfigFiles> | undefined;

  /** `ssh`: the program, and arguments that come first. */
  constructor(home: string, ssh: readonly [string, ...string[]] = ['ssh']) {
    this.#home = home;
    this.#ssh = ssh;
  }

  /** Empty where nothing is configured, or there is no OpenSSH client. Throws InputError for what ssh itself refuses. */
  async of(address: string): Promise<SshConfig> {
    this.#files ??= readSshConfigFiles(this.#home);
    const { relevant, individual, blocks } = await this.#files;
    if (!relevant || address.startsWith('-')) return new Map();
    const alone = individual || /[A-Z]/.test(address);
    const key = alone ? address : blocks.map((patterns) => (matchesPatterns(patterns, address) ? 1 : 0)).join('');
    let asked = this.#configs.get(key);
    if (asked === undefined) {
      asked = this.#forks(() => this.#ask(address)).then((config) => ({ askedFor: address, config }));
      this.#configs.set(key, asked);
    }
    const { askedFor, config } = await asked;
    // Without a HostName, ssh says the name it was asked for.
    if (config.get('hostname')?.[0] !== askedFor.toLowerCase()) return config;
    return new Map([...config, ['hostname', [address]]]);
  }

  async #ask(address: string): Promise<SshConfig> {
    const [program, ...first] = this.#ssh;
    try {
      const { stdout } = await promisify(execFile)(program, [...first, '-G', '--', address]);
      return parseSshConfig(stdout);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
      const said = (error as { stderr?: string }).stderr?.trim() ?? '';
      throw new InputError(`ssh does not accept its configuration: ${said || (error as Error).message}`, {
        where: address,
        hint: `ssh -G ${address} says the same`,
        cause: error,
      });
    }
  }
}

/** `ssh -G`'s output: one option a line. */
function parseSshConfig(text: string): SshConfig {
  const options = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, option, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (option === undefined || value === undefined) continue;
    options.set(option, [...(options.get(option) ?? []), value]);
  }
  return options;
}
