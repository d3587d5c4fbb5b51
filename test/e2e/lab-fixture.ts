import { execFile } from 'node:child_process';
import { access, readdir, readFile, readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Lab, LabHost } from '@etcdperf/core/lab';

interface SshResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command on a host through OpenSSH's own client, with nothing but the lab's key and known_hosts. */
export function ssh(lab: Lab, host: LabHost, command: string, user = 'root'): Promise<SshResult> {
  const argv = [
    '-F',
    lab.sshConfigPath,
    '-o',
    'BatchMode=yes',
    '-o',
    'ConnectTimeout=2',
    '-l',
    user,
    host.name,
    command,
  ];
  return new Promise((resolve) => {
    execFile('ssh', argv, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

const NAMESPACES = ['net', 'pid', 'mnt', 'uts', 'ipc'] as const;

/** What a lab has of this machine, to be looked for again once the lab is gone. */
export interface LabFootprint {
  readonly dir: string;
  readonly subnet: string;
  readonly namespaces: ReadonlySet<string>;
}

/** The namespaces of every process that carries the lab's mark (but for this machine's own), its network, its folder. */
export async function labFootprint(lab: Lab): Promise<LabFootprint> {
  const own = new Set(await namespacesOf('self'));
  const namespaces = new Set<string>();
  for (const pid of await allPids()) {
    if (!(await mentions(pid, lab.dir))) continue;
    for (const namespace of await namespacesOf(pid)) if (!own.has(namespace)) namespaces.add(namespace);
  }
  return { dir: lab.dir, subnet: lab.subnet, namespaces };
}

/** Everything of the lab that this machine still has: processes, mounts, links, files. Empty is what it should be. */
export async function remainsOf(footprint: LabFootprint): Promise<string[]> {
  const remains: string[] = [];
  for (const pid of await allPids()) {
    const inside = (await namespacesOf(pid)).some((namespace) => footprint.namespaces.has(namespace));
    if (inside || (await mentions(pid, `etcdperf-lab:${footprint.dir}`))) remains.push(`process ${pid}`);
  }
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  if (mounts.includes(footprint.dir)) remains.push('mounts');
  for (const [link, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some(({ address }) => address.startsWith(`${footprint.subnet}.`))) remains.push(`link ${link}`);
  }
  const [, second, third] = footprint.subnet.split('.').map(Number);
  const links = await readdir('/sys/class/net');
  const own = `etcdperf${((second ?? 18) - 18) * 256 + (third ?? 0)}`;
  if (links.includes(own)) remains.push(`link ${own}`);
  const there = await access(footprint.dir).then(
    () => true,
    () => false,
  );
  if (there) remains.push(footprint.dir);
  return remains;
}

/** The folders of labs beneath a state folder. */
export async function labsIn(stateDir: string): Promise<string[]> {
  return readdir(join(stateDir, 'labs')).catch(() => []);
}

async function allPids(): Promise<string[]> {
  return (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
}

async function mentions(pid: string, text: string): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(text);
}

async function namespacesOf(pid: string): Promise<string[]> {
  const links = NAMESPACES.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => ''));
  return (await Promise.all(links)).filter((link) => link !== '');
}
