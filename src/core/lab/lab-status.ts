import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationError } from '../errors/index.ts';
import { labGroups } from './lab-inventory.ts';
import { enterNetwork, findLabProcesses } from './lab-processes.ts';
import { readLabState } from './lab-state.ts';
import { runTool } from './run-tool.ts';

/** How a lab is now. */
export interface LabStatus {
  readonly name: string;
  /** `down`: its processes are gone, its folder is still there. */
  readonly state: 'up' | 'down';
  readonly subnet: string | undefined;
  /** The inventory file that was made with it. */
  readonly inventory: string;
  readonly hosts: readonly LabHostStatus[];
  /** Where the hosts are nodes of a Kubernetes. */
  readonly kubernetes?: { readonly version: string; readonly apiServer: string; readonly kubeconfig: string };
}

export interface LabHostStatus {
  readonly name: string;
  readonly address: string;
  readonly groups: readonly string[];
  /** `cut`: it runs and its link is cut. `off`: it was killed. */
  readonly state: 'up' | 'cut' | 'off';
  /** Pid of its PID 1 in this machine's numbering. */
  readonly pid?: number;
  /** How wrong its clock looks; 0 is right. */
  readonly skewMs: number;
}

/** Looks at the kernel, not at what was written down. Throws OperationError where there is no such lab. */
export async function labStatus(dir: string): Promise<LabStatus> {
  const state = await readLabState(dir);
  if (state === undefined)
    throw new OperationError('there is no lab', { where: dir, hint: 'etcdperf lab:up makes one' });
  const { switchPid, hostPids } = await findLabProcesses(dir);
  const links = switchPid === undefined ? '' : (await runTool([...enterNetwork(switchPid), 'ip', '-o', 'link'])).stdout;
  const { kubernetes } = state;
  const groups = kubernetes === undefined ? Object.entries(labGroups(state.hosts.map((host) => host.name))) : [];
  const hosts = state.hosts.map(async (host, index): Promise<LabHostStatus> => {
    const pid = hostPids.get(host.name);
    const shared = {
      ...host,
      groups: groups.flatMap(([group, names]) => (names.includes(host.name) ? [group] : [])),
    };
    if (pid === undefined) return { ...shared, state: 'off', skewMs: 0 };
    const connected = new RegExp(`^\\d+: p${index + 1}@[^<]*<[^>]*\\bUP\\b`, 'm').test(links);
    return { ...shared, state: connected ? 'up' : 'cut', pid, skewMs: await readSkewMs(pid) };
  });
  return {
    name: state.name,
    state: switchPid === undefined ? 'down' : 'up',
    subnet: state.subnet,
    inventory: join(dir, 'inventory.yaml'),
    hosts: await Promise.all(hosts),
    ...(kubernetes === undefined ? {} : { kubernetes: { ...kubernetes, kubeconfig: join(dir, 'kubeconfig') } }),
  };
}

/** A host's files are seen through its PID 1: works whatever runs there. */
async function readSkewMs(pid: number): Promise<number> {
  const seconds = await readFile(`/proc/${pid}/root/etc/faketimerc`, 'utf8').catch(() => '0');
  return Math.round(Number.parseFloat(seconds) * 1000) || 0;
}
