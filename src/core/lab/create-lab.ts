import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { InputError, type InputProblem, OperationError } from '../errors/index.ts';
import { claimFolder } from './claim-folder.ts';
import { freeSubnets, subnetPrefix } from './free-subnets.ts';
import { Lab } from './lab.ts';
import { type LabUser, writeLabFiles } from './lab-files.ts';
import { renderLabInventory, renderSshConfig } from './lab-inventory.ts';
import { findLabProcesses } from './lab-processes.ts';
import { type LabState, writeLabState } from './lab-state.ts';
import { identifyProcess } from './process-identity.ts';
import { removeLab } from './remove-lab.ts';
import { checkRequirements } from './requirements.ts';
import { startHost, startSwitch } from './start-scripts.ts';
import { sweepDeadLabs } from './sweep-dead-labs.ts';

export interface LabOptions {
  /** How many hosts: 1 to 200. They are called node1, node2, … */
  readonly hosts: number;
  /** Default: `lab`, or a name nobody else has where the lab is ephemeral. */
  readonly name?: string;
  /** The most that one host's files may take. They live in memory. Default: 4 GiB. */
  readonly diskBytes?: number;
  /** Accounts besides root. */
  readonly users?: readonly LabUser[];
  /** The lab ends with this process, however that ends. Default: true; `lab:up` says false. */
  readonly ephemeral?: boolean;
  /** Called as hosts come up. */
  readonly onHost?: (name: string, done: number, total: number) => void;
}

const MAX_HOSTS = 200;
const DEFAULT_DISK_BYTES = 4 * 1024 ** 3;
const MIN_DISK_BYTES = 1024 ** 2;
const BOOTING_AT_ONCE = 8;
const FIRST_OCTET = 11;

/**
 * Makes a lab and waits until every host's sshd listens. Whatever stops it half-way (an abort, an error) takes down
 * what was made; an aborted signal rejects with its reason.
 */
export async function createLab(options: LabOptions, signal: AbortSignal = new AbortController().signal): Promise<Lab> {
  checkOptions(options);
  await checkRequirements();
  signal.throwIfAborted();
  await sweepDeadLabs();
  const ephemeral = options.ephemeral ?? true;
  const name = options.name ?? (ephemeral ? `test-${process.pid}-${Math.random().toString(36).slice(2, 8)}` : 'lab');
  const dir = await claimFolder(name);
  try {
    return await build(dir, name, { ...options, ephemeral }, signal);
  } catch (error) {
    await removeLab(dir);
    throw error;
  }
}

async function build(dir: string, name: string, options: LabOptions & { ephemeral: boolean }, signal: AbortSignal) {
  const diskBytes = options.diskBytes ?? DEFAULT_DISK_BYTES;
  const planned = Array.from({ length: options.hosts }, (_, index) => ({
    name: `node${index + 1}`,
    index: index + 1,
    lastOctet: FIRST_OCTET + index,
    mac: `02:65:70:00:00:${(FIRST_OCTET + index).toString(16).padStart(2, '0')}`,
  }));
  const maker = (await identifyProcess(process.pid)) ?? { pid: process.pid, startTicks: 0 };
  const making: LabState = {
    ...{ name, createdAt: new Date().toISOString(), phase: 'making', maker, ephemeral: options.ephemeral, diskBytes },
    hosts: planned.map((host) => ({ name: host.name, address: '' })),
  };
  await writeLabState(dir, making);
  await writeLabFiles(dir, { hosts: planned, users: options.users ?? [], diskBytes, subnets: freeSubnets() });

  const { subnetNumber, guard } = await startSwitch(dir, signal);
  try {
    const subnet = subnetPrefix(subnetNumber);
    const hosts = planned.map((host) => ({ name: host.name, address: `${subnet}.${host.lastOctet}` }));
    await writeLabState(dir, { ...making, subnet, hosts });
    const { switchPid } = await findLabProcesses(dir);
    if (switchPid === undefined) throw new OperationError('the lab ended while it was being made', { where: dir });
    const limit = pLimit(BOOTING_AT_ONCE);
    let done = 0;
    const boots = await Promise.allSettled(
      planned.map((host, index) =>
        limit(async () => {
          signal.throwIfAborted();
          await writeFile(join(dir, 'hosts', host.name, 'address'), hosts[index]?.address ?? '');
          await startHost(dir, switchPid, host, signal);
          done += 1;
          options.onHost?.(host.name, done, planned.length);
        }),
      ),
    );
    signal.throwIfAborted();
    const failed = boots.find((boot) => boot.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await writeAccessFiles(dir, subnet, hosts);
    const state: LabState = { ...making, phase: 'made', subnet, hosts };
    await writeLabState(dir, state);
    signal.throwIfAborted();
    if (options.ephemeral) return new Lab(dir, state, guard);
    guard.keep();
    return new Lab(dir, state);
  } catch (error) {
    guard.drop();
    throw error;
  }
}

async function writeAccessFiles(dir: string, subnet: string, hosts: LabState['hosts']): Promise<void> {
  const lines = await Promise.all(
    hosts.map(async (host) => {
      const key = await readFile(join(dir, 'hosts', host.name, 'ssh_host_ed25519_key.pub'), 'utf8');
      return `${host.name},${host.address} ${key.trim()}\n`;
    }),
  );
  await writeFile(join(dir, 'known_hosts'), lines.join(''));
  await writeFile(join(dir, 'ssh_config'), renderSshConfig(dir, hosts));
  await writeFile(join(dir, 'inventory.yaml'), renderLabInventory({ dir, subnet, hosts, nofile: 16384 }));
}

function checkOptions(options: LabOptions): void {
  const problems: InputProblem[] = [];
  if (!Number.isInteger(options.hosts) || options.hosts < 1 || options.hosts > MAX_HOSTS) {
    problems.push({ message: `${options.hosts} hosts: a lab has 1 to ${MAX_HOSTS}`, where: '--hosts' });
  }
  if (options.diskBytes !== undefined && !(options.diskBytes >= MIN_DISK_BYTES)) {
    problems.push({ message: `a disk has at least ${MIN_DISK_BYTES} bytes`, where: '--disk' });
  }
  for (const user of options.users ?? []) {
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(user.name) || /[\n:]/.test(user.password ?? '')) {
      problems.push({ message: `'${user.name}': not a user's name, or not a password that can be set` });
    }
  }
  if (problems.length > 0) throw new InputError(problems[0]?.message ?? 'wrong options', { problems });
}
