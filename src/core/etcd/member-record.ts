import { createHash } from 'node:crypto';
import { type ClusterPlan, type MemberPlan, memberFlags } from './cluster-plan.ts';
import { READ_AT_START, type TlsFiles } from './tls-files.ts';

/** Beneath a data directory: which cluster the data is of. */
export const MARKER_FILE = 'etcdperf.json';

/** Whose data a data directory holds. */
export interface DataMarker {
  readonly cluster: string;
  readonly identity: string;
  readonly member: string;
}

/** What a running member was started as. Kept as its daemon's config, so that it lives and goes with the daemon. */
export interface MemberRecord extends DataMarker {
  /** Which deployment started it: one that failed takes back its own members only. */
  readonly deployment: string;
  readonly dataDir: string;
  readonly endpoint: string;
  /** All that a member takes from its start on: version, flags, checksums of the CAs that it trusts. */
  readonly settings: Readonly<Record<string, string>>;
}

export function dataMarker(plan: ClusterPlan, member: MemberPlan): DataMarker {
  return { cluster: plan.config.name, identity: plan.identity, member: member.name };
}

export function memberRecord(
  plan: ClusterPlan,
  member: MemberPlan,
  tls: TlsFiles | undefined,
  deployment: string,
): MemberRecord {
  return {
    deployment,
    ...dataMarker(plan, member),
    dataDir: member.dataDir,
    endpoint: member.clientUrl,
    settings: {
      version: plan.config.version,
      ...memberFlags(plan, member),
      ...checksumsAtStart(tls ?? {}),
    },
  };
}

/** Of the TLS files that a member doesn't read again: name → checksum. */
export function checksumsAtStart(tls: TlsFiles): Record<string, string> {
  const read = Object.entries(tls).filter(([name]) => READ_AT_START.includes(name));
  return Object.fromEntries(read.map(([name, content]) => [name, sha256(content)]));
}

/** One line of JSON as it stands on a host; undefined when it isn't one of ours. */
export function parseMarker(line: string): DataMarker | undefined {
  const value = parseLine(line);
  return isMarker(value) ? value : undefined;
}

export function parseRecord(line: string): MemberRecord | undefined {
  const value = parseLine(line);
  return isRecord(value) ? value : undefined;
}

/** `heartbeat-interval: 100, wanted 500`, one for each setting that isn't as wanted. */
export function differences(running: MemberRecord, wanted: MemberRecord): string[] {
  const names = [...new Set([...Object.keys(running.settings), ...Object.keys(wanted.settings)])];
  return names
    .filter((name) => !name.endsWith('.pem') || READ_AT_START.includes(name))
    .filter((name) => running.settings[name] !== wanted.settings[name])
    .map((name) => {
      if (name.endsWith('.pem')) return `another ${name}`;
      return `${name}: ${running.settings[name] ?? 'not set'}, wanted ${wanted.settings[name] ?? 'not set'}`;
    });
}

// By hand: the schema library would cost every command that works on a cluster 50 ms of its start-up.
function isMarker(value: unknown): value is DataMarker {
  return hasTexts(value, ['cluster', 'identity', 'member']);
}

function isRecord(value: unknown): value is MemberRecord {
  if (!isMarker(value) || !hasTexts(value, ['deployment', 'dataDir', 'endpoint'])) return false;
  const { settings } = value as { settings?: unknown };
  return typeof settings === 'object' && settings !== null && hasTexts(settings, Object.keys(settings));
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'string');
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
