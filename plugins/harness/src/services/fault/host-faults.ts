import { randomBytes } from 'node:crypto';
import { DAEMON_SCRIPT } from '@etcdperf/core/daemon';
import { InputError, OperationError } from '@etcdperf/core/errors';
import type { MemberPlan, MemberSite } from '@etcdperf/core/etcd';
import type { ProcessMember } from '../members/cluster-members.ts';
import { FAULT_SCRIPT } from './fault-script.ts';
import type { ActiveFault, FaultRecord } from './fault-spec.ts';

/** How long after its end a fault that nobody ended is undone by its host. */
export const WATCH_MARGIN_MS = 3000;

/** Exit codes of FAULT_SCRIPT. */
const IMPOSSIBLE = 4;
const NOT_RUNNING = 5;
const GONE = 6;
const ANOTHER = 73;

/** Two readings of a host's wall clock, unix nanoseconds: it happened between them. */
export interface HostMoment {
  readonly beforeNs: bigint;
  readonly afterNs: bigint;
}

export interface BegunFault extends HostMoment {
  readonly id: string;
  /** How it was done, where there are several ways, and what came of it. */
  readonly detail: string | undefined;
}

/**
 * Breaks a member, after its host has started the timer that mends it. Throws InputError where that can't be done on
 * this host (then nothing was touched), OperationError where the member doesn't run, another fault of it is active, or
 * it failed (then it was undone).
 */
export async function beginFault(
  member: ProcessMember,
  record: FaultRecord,
  peers: readonly MemberPlan[],
): Promise<BegunFault> {
  const { site, plan } = member;
  const id = randomBytes(4).toString('hex');
  const seconds = ((record.forMs + WATCH_MARGIN_MS) / 1000).toFixed(1);
  const settings = [id, record.spec.kind, plan.daemon, seconds, JSON.stringify(record), FAULT_SCRIPT, DAEMON_SCRIPT];
  const details = await detailsOf(record, plan, peers);
  const { code, stdout, stderr } = await call(site, 'begin', [...settings, ...details]);
  const where = site.executor.name;
  const said = stderr.trim().split('\n').at(-1) || `the shell ended with ${code}`;
  const what = `${record.spec.kind} ${record.member}`;
  if (code === IMPOSSIBLE) throw new InputError(`${what}: ${said}`, { where });
  if (code === NOT_RUNNING)
    throw new OperationError(`${what}: ${said}`, { where, hint: 'etcdperf harness:deploy starts it' });
  if (code === ANOTHER)
    throw new OperationError(`another fault of ${record.member} is active: ${parseRecord(stdout)?.spec.kind}`, {
      where,
      hint: 'wait for its end, or end it: etcdperf harness:fault --undo',
    });
  const moment = parseMoment('began', stdout);
  if (code !== 0 || moment === undefined)
    throw new OperationError(`${what} failed, and was undone: ${said}`, { where });
  const detail = stdout.split('\n').find((line) => line !== '' && !line.startsWith('began '));
  return { id, ...moment, detail };
}

/** Mends it. Undefined where the host had done so already. Throws OperationError where it can't be undone. */
export async function endFault(site: MemberSite, id: string): Promise<HostMoment | undefined> {
  const { code, stdout, stderr } = await call(site, 'end', [id]);
  if (code === GONE) return undefined;
  const moment = parseMoment('ended', stdout);
  if (code === 0 && moment !== undefined) return moment;
  throw new OperationError(`the fault could not be undone: ${stderr.trim().split('\n').at(-1) || `code ${code}`}`, {
    where: site.executor.name,
    hint: 'its host goes on trying for two minutes; then etcdperf harness:fault --undo tries again',
  });
}

/** What is active on a host, of all clusters that have members in this work directory. */
export async function listFaults(site: MemberSite, signal?: AbortSignal): Promise<ActiveFault[]> {
  const { stdout } = await call(site, 'list', [], signal);
  return stdout.split('\n').flatMap((line) => {
    const [, id = '', watched, text = ''] = /^fault (\S+) (yes|no) (.*)$/.exec(line) ?? [];
    const record = parseRecord(text);
    return record === undefined ? [] : [{ id, record, isWatched: watched === 'yes' }];
  });
}

async function detailsOf({ spec }: FaultRecord, plan: MemberPlan, peers: readonly MemberPlan[]): Promise<string[]> {
  switch (spec.kind) {
    case 'kill':
    case 'pause':
      return [];
    case 'cut': {
      const peerPort = spec.from === 'clients' ? '-' : String(plan.peerPort);
      const clientPort = spec.from === 'peers' ? '-' : String(plan.clientPort);
      const others = peers.flatMap(({ address, peerPort: port }) => [address, String(port)]);
      return [spec.direction, plan.address, peerPort, clientPort, ...others];
    }
    case 'slow-disk':
      return [wholeOrNone(spec.delayMs), wholeOrNone(spec.writesPerSec), plan.dataDir];
    case 'fill-disk':
      return [String(spec.leaveBytes), plan.dataDir];
    case 'skew': {
      const { SKEW_SCRIPT } = await import('@etcdperf/core/lab');
      return [`${spec.offsetMs < 0 ? '-' : '+'}${(Math.abs(spec.offsetMs) / 1000).toFixed(3)}`, SKEW_SCRIPT];
    }
    default:
      return spec satisfies never;
  }
}

function wholeOrNone(amount: number | undefined): string {
  return amount === undefined ? '-' : String(Math.round(amount));
}

function call(site: MemberSite, verb: 'begin' | 'end' | 'list', args: readonly string[], signal?: AbortSignal) {
  return site.executor.script(FAULT_SCRIPT, [verb, site.workDir, ...args], { timeoutMs: 60_000, signal });
}

function parseMoment(word: string, text: string): HostMoment | undefined {
  const [, before, after] = new RegExp(`^${word} (\\d+) (\\d+)$`, 'm').exec(text) ?? [];
  return after === undefined ? undefined : { beforeNs: BigInt(before!), afterNs: BigInt(after) };
}

function parseRecord(text: string): FaultRecord | undefined {
  try {
    return JSON.parse(text) as FaultRecord;
  } catch {
    return undefined;
  }
}
