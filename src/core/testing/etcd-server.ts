import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificates, type TestCertificates } from './certificates.ts';
import { DeathGuard } from './death-guard.ts';
import { findEtcd } from './etcd-programs.ts';
import { freePorts } from './free-ports.ts';

export interface StartEtcdOptions {
  /** Default 1. */
  readonly members?: 1 | 3;
  /** `server`: clients verify the members. `mutual`: members demand a client certificate too. Default: plain text. */
  readonly tls?: 'server' | 'mutual';
  /** etcd flags without dashes, on top of ours: `{'quota-backend-bytes': 1e7}`. */
  readonly flags?: Readonly<Record<string, string | number | boolean>>;
  /** `3.5.35`, or a series whose newest is taken that is there: `3.4`, `3.5`, `3.6`. Default: etcdperf's own choice. */
  readonly version?: string | undefined;
  /** Keep the data in memory (/dev/shm) where there is such a place. Default true. */
  readonly tmpfs?: boolean;
}

export interface TestMember {
  readonly name: string;
  /** Client URL. */
  readonly endpoint: string;
  readonly clientPort: number;
  readonly dataDir: string;
  /** Of the process that runs or ran last. */
  readonly pid: number;
  /** Sends the signal (default SIGKILL) and waits until the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /**
   * Kills it if it runs, starts it again on the same data and ports, as another version if one is given, and waits
   * until it is healthy.
   */
  restart(version?: string): Promise<void>;
  /** SIGSTOP. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Has a leader and answers, as its own /health says. */
  isHealthy(): Promise<boolean>;
  /** Is leader now, as its own metrics say. */
  isLeader(): Promise<boolean>;
  log(): string;
}

export interface TestCluster {
  readonly endpoints: string[];
  readonly members: readonly TestMember[];
  readonly certificates?: TestCertificates;
  /** A further member, healthy; it isn't among `members`. Only without TLS. */
  addMember(): Promise<TestMember>;
  /** Takes it out of the cluster, and waits until it has ended itself. Only without TLS. */
  removeMember(member: TestMember): Promise<void>;
  /** The member that leads now; waits for one. */
  leader(): Promise<TestMember>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/**
 * Starts a real etcd cluster on free ports of 127.0.0.1 and waits until every member is healthy. All of it is gone
 * after `stop()` (or `await using`), and when this process ends in any other way.
 */
export async function startEtcd(options: StartEtcdOptions = {}): Promise<TestCluster> {
  const binary = await findEtcd(options.version);
  for (let attempt = 1; ; attempt += 1) {
    const cluster = await prepare(binary, options);
    try {
      await Promise.all(cluster.members.map((member) => member.restart()));
      return cluster;
    } catch (error) {
      const isPortTaken = cluster.members.some((member) => member.log().includes('address already in use'));
      await cluster.stop();
      if (!isPortTaken || attempt === 5) throw error;
    }
  }
}

async function prepare(binary: string, options: StartEtcdOptions): Promise<TestCluster> {
  const folder = await mkdtemp(join(options.tmpfs === false ? tmpdir() : memoryFolder(), 'etcdperf-etcd-'));
  const guard = new DeathGuard(folder);
  const count = options.members ?? 1;
  const ports = await freePorts(count * 3);
  const scheme = options.tls === undefined ? 'http' : 'https';
  const certificates = options.tls === undefined ? undefined : await makeCertificates({ clientName: 'root' });
  const tlsFlags = certificates === undefined ? {} : await writeCertificates(folder, certificates, options.tls);
  const names = Array.from({ length: count }, (_, index) => `m${index + 1}`);
  const peer = (index: number) => `http://127.0.0.1:${ports[count + index]}`;
  const initialCluster = names.map((name, index) => `${name}=${peer(index)}`).join(',');

  const makeMember = (place: MemberPlace, initial: Readonly<Record<string, string>>) => {
    const { name, clientPort, peerUrl } = place;
    const endpoint = `${scheme}://127.0.0.1:${clientPort}`;
    const metrics = `http://127.0.0.1:${place.metricsPort}`;
    const flags = {
      name,
      'data-dir': join(folder, name),
      'listen-client-urls': endpoint,
      'advertise-client-urls': endpoint,
      'listen-peer-urls': peerUrl,
      'initial-advertise-peer-urls': peerUrl,
      ...initial,
      'initial-cluster-token': folder,
      'listen-metrics-urls': metrics,
      'unsafe-no-fsync': true,
      'log-level': 'warn',
      logger: 'zap',
      ...tlsFlags,
      ...options.flags,
    };
    const argv = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    return new EtcdProcess({ name, endpoint, clientPort, metrics, binary, argv, folder, guard });
  };
  const members = names.map((name, index) =>
    makeMember(
      { name, clientPort: ports[index]!, peerUrl: peer(index), metricsPort: ports[2 * count + index]! },
      { 'initial-cluster': initialCluster },
    ),
  );
  const added: EtcdProcess[] = [];
  const addMember = async () => {
    const [clientPort, peerPort, metricsPort] = (await freePorts(3)) as [number, number, number];
    const name = `m${count + added.length + 1}`;
    const peerUrl = `http://127.0.0.1:${peerPort}`;
    const change = await changeMembers([...members, ...added], 'add', { peerURLs: [peerUrl] });
    const listed = change.members.map((member) => `${member.name ?? name}=${member.peerURLs[0]}`);
    const member = makeMember(
      { name, clientPort, peerUrl, metricsPort },
      { 'initial-cluster': listed.join(','), 'initial-cluster-state': 'existing' },
    );
    added.push(member);
    await member.restart();
    return member;
  };
  const removeMember = async ({ name }: TestMember) => {
    const all = [...members, ...added];
    const others = all.filter((member) => member.name !== name);
    const { members: listed } = await changeMembers(others, 'list', {});
    await changeMembers(others, 'remove', { ID: listed.find((member) => member.name === name)!.ID });
    await all.find((member) => member.name === name)!.ended();
  };
  const stop = async () => {
    await Promise.all([...members, ...added].map((member) => member.kill()));
    await guard.release();
  };
  return {
    endpoints: members.map((member) => member.endpoint),
    members,
    ...(certificates === undefined ? {} : { certificates }),
    addMember,
    removeMember,
    leader: () => findLeader(members),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Asks the first member that runs, by etcd's JSON gateway, which rejects what it may not do now. */
async function changeMembers(
  members: readonly EtcdProcess[],
  change: 'add' | 'remove' | 'list',
  request: object,
): Promise<{ readonly members: { readonly ID: string; readonly name?: string; readonly peerURLs: string[] }[] }> {
  const { endpoint } = members.find((member) => member.isRunning)!;
  const response = await fetch(`${endpoint}/v3/cluster/member/${change}`, {
    method: 'POST',
    body: JSON.stringify(request),
  });
  if (response.status !== 200) throw new Error(`member ${change}: ${await response.text()}`);
  return (await response.json()) as Awaited<ReturnType<typeof changeMembers>>;
}

async function findLeader(members: readonly EtcdProcess[]): Promise<EtcdProcess> {
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; ) {
    for (const member of members) if (await member.isLeader()) return member;
    await sleep(20);
  }
  throw new Error('no member became leader');
}

interface MemberPlace {
  readonly name: string;
  readonly clientPort: number;
  readonly peerUrl: string;
  readonly metricsPort: number;
}

interface EtcdProcessParts {
  readonly name: string;
  readonly endpoint: string;
  readonly clientPort: number;
  readonly metrics: string;
  readonly binary: string;
  readonly argv: readonly string[];
  readonly folder: string;
  readonly guard: DeathGuard;
}

class EtcdProcess implements TestMember {
  readonly name: string;
  readonly endpoint: string;
  readonly clientPort: number;
  readonly dataDir: string;
  readonly #parts: EtcdProcessParts;
  readonly #logFile: string;
  #running: { pid: number; gone: Promise<void> } | undefined;
  #lastPid = 0;
  #binary: string;

  constructor(parts: EtcdProcessParts) {
    this.name = parts.name;
    this.endpoint = parts.endpoint;
    this.clientPort = parts.clientPort;
    this.dataDir = join(parts.folder, parts.name);
    this.#parts = parts;
    this.#binary = parts.binary;
    this.#logFile = join(parts.folder, `${parts.name}.log`);
  }

  get pid(): number {
    return this.#lastPid;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  async ended(): Promise<void> {
    await this.#running?.gone;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    process.kill(running.pid, signal);
    await running.gone;
  }

  async restart(version?: string): Promise<void> {
    await this.kill();
    const { argv, guard } = this.#parts;
    if (version !== undefined) this.#binary = await findEtcd(version);
    const binary = this.#binary;
    const log = openSync(this.#logFile, 'a');
    const child = spawn(binary, argv, { stdio: ['ignore', log, log] });
    closeSync(log);
    const gone = new Promise<void>((resolve) => {
      const end = () => {
        if (child.pid !== undefined) guard.forget(child.pid);
        this.#running = undefined;
        resolve();
      };
      child.once('exit', end);
      child.once('error', end);
    });
    if (child.pid === undefined) throw new Error(`${binary} does not start`);
    guard.watch(child.pid);
    this.#running = { pid: child.pid, gone };
    this.#lastPid = child.pid;
    for (const deadline = Date.now() + START_TIMEOUT_MS; !(await this.isHealthy()); ) {
      if (this.#running === undefined) throw new Error(`etcd ${this.name} ended at once:\n${this.log()}`);
      if (Date.now() > deadline) throw new Error(`etcd ${this.name} is not healthy:\n${this.log()}`);
      await sleep(20);
    }
  }

  pause(): void {
    if (this.#running !== undefined) process.kill(this.#running.pid, 'SIGSTOP');
  }

  resume(): void {
    if (this.#running !== undefined) process.kill(this.#running.pid, 'SIGCONT');
  }

  async isHealthy(): Promise<boolean> {
    return (await fetchText(`${this.#parts.metrics}/health`))?.includes('"true"') ?? false;
  }

  async isLeader(): Promise<boolean> {
    if (this.#running === undefined) return false;
    return (await fetchText(`${this.#parts.metrics}/metrics`))?.includes('\netcd_server_is_leader 1\n') ?? false;
  }

  log(): string {
    try {
      return readFileSync(this.#logFile, 'utf8');
    } catch {
      return '';
    }
  }
}

function fetchText(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 2000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(response.statusCode === 200 ? text : undefined));
      response.on('error', () => resolve(undefined));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

async function writeCertificates(folder: string, made: TestCertificates, tls: StartEtcdOptions['tls']) {
  const tlsFolder = join(folder, 'tls');
  await mkdir(tlsFolder);
  const file = async (name: string, content: Buffer) => {
    await writeFile(join(tlsFolder, name), content, { mode: 0o600 });
    return join(tlsFolder, name);
  };
  const flags = {
    'cert-file': await file('server.crt', made.server.cert),
    'key-file': await file('server.key', made.server.key),
  };
  if (tls === 'server') return flags;
  return { ...flags, 'client-cert-auth': true, 'trusted-ca-file': await file('ca.crt', made.ca) };
}

function memoryFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}
