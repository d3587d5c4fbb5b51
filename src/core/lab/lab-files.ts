import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostBootScript, hostInitScript, hostInsideScript, startSshdScript } from './host-script.ts';
import { newLabKey } from './lab-key.ts';
import { switchInsideScript, switchScript } from './switch-script.ts';

/** An account that every host has besides root. */
export interface LabUser {
  readonly name: string;
  /** Without one, only the lab's key opens the account. */
  readonly password?: string;
  readonly sudo: 'without-password' | 'with-password' | 'none';
}

export interface LabFilesOptions {
  readonly hosts: readonly { readonly name: string; readonly mac: string; readonly lastOctet: number }[];
  readonly users: readonly LabUser[];
  readonly diskBytes: number;
  /** Numbers of the subnets to try, in order. */
  readonly subnets: readonly number[];
}

/** What every host's processes must never be able to do: this machine's clock and kernel are not theirs. */
const DROPPED_CAPABILITIES = ['sys_time', 'wake_alarm', 'sys_module', 'sys_rawio', 'mac_admin', 'mac_override'];

/** The only things of /etc that hosts share with this machine: programs need them, and none is private or about it. */
export const SHARED_ETC = [
  'adduser.conf alternatives bash.bashrc bindresvport.blacklist ca-certificates ca-certificates.conf debian_version',
  'default dpkg gai.conf group host.conf init.d inputrc iproute2 issue issue.net java-17-openjdk ld.so.cache ld.so.conf',
  'ld.so.conf.d libaudit.conf locale.alias localtime login.defs magic magic.mime mime.types nsswitch.conf os-release',
  'pam.conf pam.d perl profile profile.d protocols python3 python3.11 rpc security selinux services shells skel ssl',
  'subgid subuid sudo.conf sysctl.conf terminfo timezone xattr.conf',
  'crypto-policies lsb-release pki redhat-release sysconfig system-release',
].join(' ');

/** So that a faked wall clock leaves timers alone: faking those too makes programs hang. See docs/decisions. */
const ENVIRONMENT = { FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_CACHE_DURATION: '1', FAKETIME_SKIP_CMDS: 'sshd' };

/** Writes all that the scripts read: settings, keys, the hosts' own /etc. Secrets are readable by root alone. */
export async function writeLabFiles(dir: string, options: LabFilesOptions): Promise<void> {
  await mkdir(join(dir, 'etc'), { recursive: true, mode: 0o700 });
  await mkdir(join(dir, 'scripts'), { recursive: true });
  const access = await newLabKey('etcdperf lab');
  const names = options.hosts.map((host) => `@NET@.${host.lastOctet} ${host.name}`);
  const passwords = options.users.flatMap((user) =>
    user.password === undefined ? [] : [`${user.name}:${user.password}`],
  );
  await Promise.all([
    writeSecret(join(dir, 'id_ed25519'), access.private),
    writeFile(join(dir, 'id_ed25519.pub'), `${access.public}\n`),
    writeFile(join(dir, 'settings.sh'), settings(options)),
    writeFile(join(dir, 'scripts/switch.sh'), switchScript),
    writeFile(join(dir, 'scripts/switch-inside.sh'), switchInsideScript),
    writeFile(join(dir, 'scripts/host-boot.sh'), hostBootScript),
    writeFile(join(dir, 'scripts/host-inside.sh'), hostInsideScript),
    writeFile(join(dir, 'etc/authorized_keys'), `${access.public}\n`),
    writeFile(join(dir, 'etc/hosts'), `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${names.join('\n')}\n`),
    writeFile(join(dir, 'etc/sshd_config'), sshdConfig(passwords.length > 0)),
    writeFile(join(dir, 'etc/sudoers'), sudoers(options.users)),
    writeFile(join(dir, 'etc/init.sh'), hostInitScript),
    writeFile(join(dir, 'etc/start-sshd.sh'), startSshdScript),
    writeSecret(join(dir, 'etc/passwords'), passwords.map((line) => `${line}\n`).join('')),
    ...options.hosts.map(async (host) => {
      const home = join(dir, 'hosts', host.name);
      const key = await newLabKey(host.name);
      await mkdir(home, { recursive: true });
      await writeSecret(join(home, 'ssh_host_ed25519_key'), key.private);
      await writeFile(join(home, 'ssh_host_ed25519_key.pub'), `${key.public}\n`);
      await writeFile(join(home, 'mac'), host.mac);
    }),
  ]);
}

/** As `setpriv` wants them. */
export function droppedCapabilities(): string {
  return DROPPED_CAPABILITIES.map((name) => `-${name}`).join(',');
}

function settings(options: LabFilesOptions): string {
  const values = {
    drop_caps: droppedCapabilities(),
    disk_bytes: String(options.diskBytes),
    subnets: options.subnets.join(' '),
    users: options.users.map((user) => user.name).join(' '),
    etc_entries: SHARED_ETC,
    environment: Object.entries(ENVIRONMENT)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  };
  return renderSettings(values);
}

/** Lines for POSIX sh. */
export function renderSettings(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join('');
}

function sshdConfig(passwords: boolean): string {
  const environment = Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
  return [
    'HostKey /etc/ssh/ssh_host_ed25519_key',
    'PermitRootLogin prohibit-password',
    `PasswordAuthentication ${passwords ? 'yes' : 'no'}`,
    'KbdInteractiveAuthentication no',
    'UsePAM yes',
    'PrintMotd no',
    'AcceptEnv LANG LC_*',
    `SetEnv ${environment.join(' ')}`,
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
}

function sudoers(users: readonly LabUser[]): string {
  const rules = users.flatMap((user) => {
    if (user.sudo === 'none') return [];
    return [`${user.name} ALL=(ALL:ALL) ${user.sudo === 'without-password' ? 'NOPASSWD: ' : ''}ALL`];
  });
  return [
    'Defaults env_reset',
    'Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"',
    `Defaults env_keep += "${Object.keys(ENVIRONMENT).join(' ')}"`,
    'root ALL=(ALL:ALL) ALL',
    ...rules,
    '@includedir /etc/sudoers.d',
    '',
  ].join('\n');
}

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}
