import { execFile } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import type { HostSettings, InventoryHost, JumpHost } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import type { SecretSource, SshTarget } from './ssh-target.ts';

const KEY_NAMES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** What the user's ssh would do for a destination, as `ssh -G` says: option, lower case → its values in order. */
type SshConfig = ReadonlyMap<string, readonly string[]>;

/** Finds out how each host is reached: the inventory first, then the user's ssh configuration, then ssh's defaults. */
export class TargetResolver {
  readonly #configs = new Map<string, Promise<SshConfig>>();
  readonly #forks = pLimit(4);
  #hasConfig: Promise<boolean> | undefined;

  async resolve(host: InventoryHost): Promise<SshTarget> {
    const config = await this.#config(host.address);
    const hops =
      host.jumpHosts !== undefined
        ? await Promise.all(host.jumpHosts.map((hop) => this.#one(hop)))
        : await this.#hopsOf(config, host.address);
    return { ...(await this.#one(host)), hops };
  }

  async #one(host: (InventoryHost | JumpHost) & HostSettings): Promise<SshTarget> {
    const config = await this.#config(host.address);
    const first = (option: string) => config.get(option)?.[0];
    const agent = first('identityagent') ?? 'SSH_AUTH_SOCK';
    return {
      name: host.name,
      host: first('hostname') ?? host.address,
      port: host.port ?? Number(first('port') ?? 22),
      user: host.user ?? first('user') ?? userInfo().username,
      keys:
        host.keyFile !== undefined
          ? [{ path: host.keyFile, required: true }]
          : (config.get('identityfile') ?? KEY_NAMES.map((name) => join('~/.ssh', name))).map((path) => ({
              path: expandHome(path),
              required: false,
            })),
      agent: agent === 'none' ? undefined : agent === 'SSH_AUTH_SOCK' ? process.env.SSH_AUTH_SOCK : expandHome(agent),
      identitiesOnly: host.keyFile !== undefined || first('identitiesonly') === 'yes',
      password: secretSource(host),
      knownHostsFiles:
        host.knownHostsFile !== undefined
          ? [host.knownHostsFile]
          : [
              ...(first('userknownhostsfile') ?? '~/.ssh/known_hosts').split(' '),
              ...(first('globalknownhostsfile') ?? '/etc/ssh/ssh_known_hosts').split(' '),
            ].map(expandHome),
      hostKeyAlias: first('hostkeyalias'),
      hops: [],
    };
  }

  /** The way that ssh's own configuration knows. A hop may have hops itself; a circle is refused. */
  async #hopsOf(config: SshConfig, address: string, seen: readonly string[] = []): Promise<SshTarget[]> {
    const jump = config.get('proxyjump')?.[0];
    if (jump === undefined || jump === 'none') {
      if (config.has('proxycommand')) {
        throw new InputError('ProxyCommand in the ssh configuration is not supported', {
          where: address,
          hint: 'use ProxyJump there, or name the jump hosts in the inventory (jump: [user@]host[:port])',
        });
      }
      return [];
    }
    if (seen.includes(address)) throw new InputError('ProxyJump leads in a circle', { where: address });
    const [first, ...rest] = jump.split(',').map(readHop);
    if (first === undefined) return [];
    const before = await this.#hopsOf(await this.#config(first.address), first.address, [...seen, address]);
    return [...before, ...(await Promise.all([first, ...rest].map((hop) => this.#one(hop))))];
  }

  /** One `ssh -G` for each address, and none at all where the user has no ssh configuration: fifty would cost more than the work. */
  #config(address: string): Promise<SshConfig> {
    let config = this.#configs.get(address);
    if (config === undefined) {
      config = this.#readConfig(address);
      this.#configs.set(address, config);
    }
    return config;
  }

  async #readConfig(address: string): Promise<SshConfig> {
    this.#hasConfig ??= hasSshConfig();
    if (address.startsWith('-') || !(await this.#hasConfig)) return new Map();
    try {
      const { stdout } = await this.#forks(() => promisify(execFile)('ssh', ['-G', '--', address]));
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
export function parseSshConfig(text: string): SshConfig {
  const options = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, option, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (option === undefined || value === undefined) continue;
    options.set(option, [...(options.get(option) ?? []), value]);
  }
  return options;
}

/** One hop of ssh's ProxyJump: `[ssh://][user@]host[:port]`, an IPv6 address in brackets. */
function readHop(text: string): JumpHost {
  const form = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/;
  const [, user, bracketed, plain, port] = form.exec(text.trim()) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined) throw new InputError(`'${text}' is no jump host: [user@]host[:port]`);
  return {
    name: text.trim(),
    address,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

function secretSource({ passwordFile, passwordEnv }: HostSettings): SecretSource | undefined {
  if (passwordFile !== undefined) return { kind: 'file', path: passwordFile };
  return passwordEnv === undefined ? undefined : { kind: 'env', name: passwordEnv };
}

/** What in a system-wide configuration changes how a host is reached; Debian's own sets none of these. */
const RELEVANT =
  /^\s*(match|hostname|port|user|identity\w*|proxy\w+|hostkeyalias|userknownhostsfile|globalknownhostsfile)\b/im;

async function hasSshConfig(): Promise<boolean> {
  const own = await access(join(homedir(), '.ssh/config')).then(
    () => true,
    () => false,
  );
  if (own) return true;
  const dropIns = await readdir('/etc/ssh/ssh_config.d').catch(() => []);
  const files = ['/etc/ssh/ssh_config', ...dropIns.map((name) => join('/etc/ssh/ssh_config.d', name))];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.some((text) => RELEVANT.test(text));
}

function expandHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
