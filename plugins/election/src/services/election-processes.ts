import { type DaemonState, daemonConfig, daemonDir, listDaemons } from '@etcdperf/core/daemon';
import type { FanOutResult } from '@etcdperf/core/ssh';
import { fanOut } from '@etcdperf/core/ssh';
import {
  type AgentsConfig,
  agentsConfigSchema,
  type CandidateConfig,
  candidateConfigSchema,
} from '../protocol/index.ts';
import type { EventSource } from './event-tail.ts';
import type { ElectionHost } from './site.ts';

export type ProcessKind = 'candidate' | 'agents';

/** A process of the election on its host: a daemon. */
export interface ElectionProcess {
  readonly host: ElectionHost;
  /** The daemon's name. */
  readonly name: string;
}

export interface FoundProcess extends ElectionProcess {
  readonly kind: ProcessKind;
  readonly state: DaemonState;
}

export interface CandidateProcess extends ElectionProcess {
  readonly config: CandidateConfig;
}

export interface AgentsProcess extends ElectionProcess {
  readonly config: AgentsConfig;
}

/** `election-candidate-<n>` and `election-agents-<n>`, n from 1. */
export function processName(kind: ProcessKind, number: number): string {
  return `election-${kind}-${number}`;
}

/** Which of a host's daemons belong to an election; undefined for all others. */
export function processKind(name: string): ProcessKind | undefined {
  const match = /^election-(candidate|agents)-\d+$/.exec(name);
  return match?.[1] as ProcessKind | undefined;
}

/** Where a process tells what happens to it. */
export function eventSource({ host, name }: ElectionProcess): EventSource {
  return { executor: host.executor, process: name, path: `${daemonDir(host.workDir, name)}/events.jsonl` };
}

/** Looks at all hosts at once for processes of an election, running or not. One result for every host. */
export async function findProcesses(
  hosts: readonly ElectionHost[],
  signal?: AbortSignal,
): Promise<FanOutResult<FoundProcess[]>[]> {
  const byName = new Map(hosts.map((host) => [host.name, host]));
  return fanOut(
    [...byName.values()],
    async (host) => {
      const daemons = await listDaemons(host.executor, host.workDir, { signal });
      return [...daemons].flatMap(([name, state]): FoundProcess[] => {
        const kind = processKind(name);
        return kind === undefined ? [] : [{ host, name, kind, state }];
      });
    },
    { signal },
  );
}

/** What a candidate was started with, secrets included. */
export async function readCandidate(process: ElectionProcess): Promise<CandidateProcess> {
  return { ...process, config: candidateConfigSchema.parse(await readConfig(process)) };
}

/** What an agents process was started with, secrets included. */
export async function readAgents(process: ElectionProcess): Promise<AgentsProcess> {
  return { ...process, config: agentsConfigSchema.parse(await readConfig(process)) };
}

/** The identities that an agents process gives its agents. */
export function agentIdentities(config: AgentsConfig): string[] {
  const prefix = config.identityPrefix ?? config.host;
  return Array.from({ length: config.count }, (_, index) => `${prefix}-${config.firstIndex + index}`);
}

async function readConfig({ host, name }: ElectionProcess): Promise<unknown> {
  const text = await host.executor.fetch(daemonConfig(host.workDir, name));
  return JSON.parse(text.toString('utf8'));
}
