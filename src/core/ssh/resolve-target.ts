import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { HostSettings, InventoryHost, JumpHost } from '../config/index.ts';
import { InputError } from '../errors/index.ts';
import { type SshConfig, SshConfigs } from './ssh-configs.ts';
import type { SecretSource, SshTarget } from './ssh-target.ts';

const KEY_NAMES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** Finds out how each host is reached: the inventory first, then the user's ssh configuration, then ssh's defaults. */
export class TargetResolver {
  readonly #user = userInfo();
  readonly #configs: SshConfigs;

  // Not $HOME: ssh goes by the account, too.
  constructor(configs: SshConfigs = new SshConfigs(userInfo().homedir)) {
    this.#configs = configs;
  }

  async resolve(host: InventoryHost): Promise<SshTarget> {
    const hops =
      host.jumpHosts !== undefined
        ? await Promise.all(host.jumpHosts.map((hop) => this.#one(hop)))
        : await this.#hopsOf(await this.#configs.of(host.address), host.address);
    return { ...(await this.#one(host)), hops };
  }

  async #one(host: (InventoryHost | JumpHost) & HostSettings): Promise<SshTarget> {
    const config = await this.#configs.of(host.address);
    const first = (option: string) => config.get(option)?.[0];
    const user = host.user ?? first('user') ?? this.#user.username;
    const address = first('hostname') ?? host.address;
    const port = host.port ?? Number(first('port') ?? 22);
    const expand = (path: string) =>
      expandPath(path, this.#user.homedir, {
        ...{ h: address, n: host.address, p: String(port), r: user, d: this.#user.homedir, u: this.#user.username },
        ...{ l: hostname(), L: hostname().split('.', 1)[0] ?? '', k: first('hostkeyalias') ?? host.address },
      });
    const agent = first('identityagent') ?? 'SSH_AUTH_SOCK';
    return {
      name: host.name,
      host: address,
      port,
      user,
      keys:
        host.keyFile !== undefined
          ? [{ path: host.keyFile, required: true }]
          : (config.get('identityfile') ?? KEY_NAMES.map((name) => join('~/.ssh', name))).map((path) => ({
              path: expand(path),
              required: false,
            })),
      agent: agent === 'none' ? undefined : agent === 'SSH_AUTH_SOCK' ? process.env.SSH_AUTH_SOCK : expand(agent),
      identitiesOnly: host.keyFile !== undefined || first('identitiesonly') === 'yes',
      password: secretSource(host),
      knownHostsFiles:
        host.knownHostsFile !== undefined
          ? [host.knownHostsFile]
          : [
              ...(first('userknownhostsfile') ?? '~/.ssh/known_hosts').split(' '),
              ...(first('globalknownhostsfile') ?? '/etc/ssh/ssh_known_hosts').split(' '),
            ].flatMap((path) => (path === 'none' ? [] : [expand(path)])),
      hostKeyAlias: first('hostkeyalias'),
      hops: [],
    };
  }

  /** The way that ssh's own configuration knows. A hop may have hops itself; a circle is refused. */
  async #hopsOf(config: SshConfig, address: string, seen: readonly string[] = []): Promise<SshTarget[]> {
    const jump = config.get('proxyjump')?.[0];
    if (jump === undefined || jump === 'none') {
      if (![undefined, 'none'].includes(config.get('proxycommand')?.[0])) {
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
    const before = await this.#hopsOf(await this.#configs.of(first.address), first.address, [...seen, address]);
    return [...before, ...(await Promise.all([first, ...rest].map((hop) => this.#one(hop))))];
  }
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

/** A path as ssh_config(5) writes it: `~/`, tokens such as %h, and variables of the environment. */
function expandPath(path: string, home: string, tokens: Readonly<Record<string, string>>): string {
  return path
    .replace(/^~(?=\/)/, home)
    .replaceAll(/%(.)/g, (written, token: string) => (token === '%' ? '%' : (tokens[token] ?? written)))
    .replaceAll(/\$\{(\w+)\}|^\$(\w+)$/g, (written, braced, bare) => process.env[braced ?? bare] ?? written);
}
