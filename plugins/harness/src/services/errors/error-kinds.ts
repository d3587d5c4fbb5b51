import type { LogLevel } from '../logs/parse-log-line.ts';

/**
 * What can go wrong, as etcd tells it. `ground`: what slow disks, networks and hosts bring about, which clusters on the
 * same ground may feel together. `cluster`: what its clients, its data or its keepers do. `mishap`: neither is known.
 */
export interface ErrorKind {
  readonly title: string;
  readonly cause: 'ground' | 'cluster' | 'mishap';
  /** Of the lines that tell it: with a coarser `--log-level` it can't be seen. */
  readonly level: LogLevel;
}

export const ERROR_KINDS = {
  'slow-apply': { title: 'slow applies', cause: 'ground', level: 'warn' },
  'slow-request': { title: 'slow requests', cause: 'ground', level: 'warn' },
  'slow-fsync': { title: 'slow fsyncs of the log', cause: 'ground', level: 'warn' },
  'slow-read': { title: 'reads that waited for the leader', cause: 'ground', level: 'warn' },
  'late-heartbeat': { title: 'heartbeats sent late (slow disk or CPU)', cause: 'ground', level: 'warn' },
  'lost-leader': { title: 'leader lost or changed', cause: 'ground', level: 'info' },
  election: { title: 'elections called', cause: 'ground', level: 'info' },
  unhealthy: { title: 'health checks failed', cause: 'ground', level: 'warn' },
  'peer-break': { title: 'connections between members broken', cause: 'ground', level: 'warn' },
  'peer-unreachable': { title: 'members not reached', cause: 'ground', level: 'warn' },
  'dropped-message': { title: 'messages between members dropped', cause: 'ground', level: 'warn' },
  'clock-drift': { title: 'clocks of members apart', cause: 'ground', level: 'warn' },
  'slow-compaction': { title: 'long compactions', cause: 'ground', level: 'info' },
  snapshot: { title: 'snapshots sent to members that fell behind', cause: 'ground', level: 'info' },
  'no-space': { title: 'database full (quota)', cause: 'cluster', level: 'warn' },
  corrupt: { title: 'data corrupt', cause: 'cluster', level: 'error' },
  'rejected-request': { title: 'requests refused', cause: 'cluster', level: 'warn' },
  'rejected-connection': { title: 'connections refused (TLS)', cause: 'cluster', level: 'warn' },
  defragmentation: { title: 'defragmentations (the member stood still)', cause: 'cluster', level: 'info' },
  crash: { title: 'crashes', cause: 'mishap', level: 'fatal' },
  restart: { title: 'restarts', cause: 'mishap', level: 'info' },
  stop: { title: 'asked to stop', cause: 'cluster', level: 'info' },
  other: { title: 'other errors', cause: 'mishap', level: 'error' },
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ErrorKindId = keyof typeof ERROR_KINDS;

/** In the order in which they are shown. */
export const ERROR_KIND_IDS = Object.keys(ERROR_KINDS) as ErrorKindId[];
