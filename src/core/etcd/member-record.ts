import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type ClusterPlan, type MemberPlan, memberFlags } from './cluster-plan.ts';
import type { TlsFiles } from './tls-files.ts';

/** Beneath a data directory: which cluster the data is of. */
export const MARKER_FILE = 'etcdperf.json';

const marker = z.object({ cluster: z.string(), identity: z.string(), member: z.string() });

/** Whose data a data directory holds. */
export type DataMarker = z.output<typeof marker>;

const record = marker.extend({
  /** Which deployment started it: one that failed takes back its own members only. */
  deployment: z.string(),
  dataDir: z.string(),
  endpoint: z.string(),
  /** All that a member's behaviour follows from: version, flags, checksums of its TLS files. */
  settings: z.record(z.string(), z.string()),
});

/** What a running member was started as. Kept as its daemon's config, so that it lives and goes with the daemon. */
export type MemberRecord = z.output<typeof record>;

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
      ...Object.fromEntries(Object.entries(tls ?? {}).map(([name, content]) => [name, sha256(content)])),
    },
  };
}

/** One line of JSON as it stands on a host; undefined when it isn't one of ours. */
export function parseMarker(line: string): DataMarker | undefined {
  return parseLine(marker, line);
}

export function parseRecord(line: string): MemberRecord | undefined {
  return parseLine(record, line);
}

/** `heartbeat-interval: 100, wanted 500`, one for each setting that isn't as wanted. */
export function differences(running: MemberRecord, wanted: MemberRecord): string[] {
  const names = [...new Set([...Object.keys(running.settings), ...Object.keys(wanted.settings)])];
  return names
    .filter((name) => running.settings[name] !== wanted.settings[name])
    .map((name) => {
      if (name.endsWith('.pem')) return `another ${name}`;
      return `${name}: ${running.settings[name] ?? 'not set'}, wanted ${wanted.settings[name] ?? 'not set'}`;
    });
}

function parseLine<T>(schema: z.ZodType<T>, line: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
