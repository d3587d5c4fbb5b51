import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClusterConfig, stateDir } from '../config/index.ts';
import { type DaemonSignal, killDaemon } from '../daemon/index.ts';
import { InputError, OperationError } from '../errors/index.ts';
import { LocalExecutor } from '../ssh/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { clusterCredentials } from './cluster-access.ts';
import { type ClusterPlan, planCluster } from './cluster-plan.ts';
import { deleteCluster } from './delete-cluster.ts';
import { deployCluster } from './deploy-cluster.ts';
import type { DeployReport } from './deploy-report.ts';
import { freePorts } from './free-ports.ts';
import type { MemberSite } from './inspect-members.ts';
import { DEFAULT_VERSION } from './resolve-etcd-binary.ts';
import { readTlsFiles } from './tls-files.ts';

/** The name of a local cluster that nobody named. */
export const LOCAL_CLUSTER = 'local';

const CONFIG_FILE = 'cluster.json';

export interface LocalClusterSpec {
  readonly name?: string | undefined;
  /** How many members. Default 3. */
  readonly members?: number | undefined;
  readonly version?: string | undefined;
  readonly flags?: ClusterConfig['flags'] | undefined;
}

/** The folder of a local cluster: its settings, its members' data and daemons. */
export function localClusterDir(name: string): string {
  return join(stateDir(), 'clusters', name);
}

/** The settings of a local cluster that was deployed there; undefined where there is none. Throws OperationError. */
export async function readLocalCluster(dir: string): Promise<ClusterConfig | undefined> {
  const file = join(dir, CONFIG_FILE);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ClusterConfig;
  } catch (cause) {
    throw new OperationError('not what etcdperf wrote', {
      where: file,
      hint: `end the etcd processes that run in ${dir}, then remove it`,
      cause,
    });
  }
}

/** The names of all local clusters of this user. */
export async function listLocalClusters(): Promise<string[]> {
  const names = await readdir(join(stateDir(), 'clusters')).catch((): string[] => []);
  const found = await Promise.all(names.map((name) => readLocalCluster(localClusterDir(name))));
  return names.filter((_, index) => found[index] !== undefined).sort();
}

/** Remembers what a local cluster is, so that later commands find it. */
export async function writeLocalCluster(dir: string, config: ClusterConfig): Promise<void> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, CONFIG_FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(config, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** Settings for a new local cluster, on ports that are free now. */
export async function newLocalCluster(spec: LocalClusterSpec): Promise<ClusterConfig> {
  const { name = LOCAL_CLUSTER, members = 3, version = DEFAULT_VERSION, flags = {} } = spec;
  if (!Number.isInteger(members) || members < 1 || members > 9)
    throw new InputError(`a local cluster has 1 to 9 members, not ${members}`, { where: '--members' });
  const ports = await freePorts(members * 2);
  return {
    name,
    backend: 'local',
    version,
    flags,
    members: Array.from({ length: members }, (_, i) => ({
      name: `member${i + 1}`,
      clientPort: ports[i * 2]!,
      peerPort: ports[i * 2 + 1]!,
    })),
  };
}

/** A local cluster's members all run on this machine, on 127.0.0.1. */
export function planLocalCluster(config: ClusterConfig, dir: string): ClusterPlan {
  return planCluster(config, { workDir: dir, hostOf: () => ({ name: 'localhost', address: '127.0.0.1' }) });
}

export function localSite(dir: string): MemberSite {
  return { executor: new LocalExecutor(), workDir: dir };
}

export interface StartLocalOptions extends LocalClusterSpec {
  /** Where everything of it goes; a folder of its own, removed with it. */
  readonly dir: string;
  readonly nofile?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((text: string) => void) | undefined;
}

/** Starts a cluster of its own on this machine, for as long as somebody needs it. Throws OperationError. */
export async function startLocalCluster(options: StartLocalOptions): Promise<LocalCluster> {
  const { dir, nofile, timeoutMs, signal, onStep } = options;
  const config = await newLocalCluster(options);
  const plan = planLocalCluster(config, dir);
  await writeLocalCluster(dir, config);
  const access = { endpoints: plan.members.map((member) => member.clientUrl), ...(await clusterCredentials(config)) };
  const tls = await readTlsFiles(config);
  try {
    const site = localSite(dir);
    const report = await deployCluster({ plan, access, tls, site: () => site, nofile, timeoutMs, signal, onStep });
    if (report.outcome.kind === 'deployed') return new LocalCluster(plan, access, dir, report);
    throw new OperationError(failureOf(report), { where: `local cluster ${config.name}` });
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

/** A cluster on this machine that is gone when it is disposed of. */
export class LocalCluster implements AsyncDisposable {
  readonly name: string;
  readonly dir: string;
  readonly endpoints: readonly string[];
  readonly access: ClusterAccess;
  readonly version: string;
  readonly members: readonly { readonly name: string; readonly endpoint: string; readonly pid: number }[];
  private readonly plan: ClusterPlan;

  constructor(plan: ClusterPlan, access: ClusterAccess, dir: string, report: DeployReport) {
    this.plan = plan;
    this.access = access;
    this.dir = dir;
    this.name = plan.config.name;
    this.version = plan.config.version;
    this.endpoints = access.endpoints;
    this.members = report.members.map(({ name, endpoint, result }) => ({
      name,
      endpoint,
      pid: 'pid' in result ? result.pid : 0,
    }));
  }

  /** Signals one member's process. */
  async kill(member: string, signal: DaemonSignal): Promise<void> {
    const found = this.plan.members.find((one) => one.name === member);
    if (found === undefined) throw new InputError(`there is no member '${member}'`, { where: this.name });
    await killDaemon(new LocalExecutor(), this.dir, found.daemon, signal);
  }

  /** Ends all members and removes all that is left of them. Idempotent. */
  async delete(): Promise<void> {
    const site = localSite(this.dir);
    const { members } = await deleteCluster({ plan: this.plan, site: () => site });
    for (const { name, result } of members)
      if (result.kind === 'failed') throw new OperationError(result.reason, { where: name, hint: result.hint });
    await rm(this.dir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.delete();
  }
}

function failureOf(report: DeployReport): string {
  const lines = report.members.flatMap(({ name, result }) => ('reason' in result ? [`${name}: ${result.reason}`] : []));
  return ['reason' in report.outcome ? report.outcome.reason : 'it did not start', ...lines].join('\n');
}
