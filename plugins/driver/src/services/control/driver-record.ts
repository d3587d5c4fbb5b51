/** What a driver says of itself while it runs. Its key goes with its lease. */
export interface DriverRecord {
  /** Of this process: another one of the same name has another. */
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly pattern: string;
  /** The first key of its hierarchy; see `isSameHierarchy`. */
  readonly firstKey: string;
  /** Of the cluster under test, in hexadecimal. */
  readonly clusterId: string;
  readonly phase: 'load' | 'steady';
  /** ISO 8601. */
  readonly startedAt: string;
}

/** What a driver leaves behind when its run is over, and its results are written. */
export interface DriverConfirmation {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  /** Why the run ended: `end key`, `duration`. */
  readonly ending: string;
  /** Since the very start, over all processes. */
  readonly counters: Readonly<Record<string, number>>;
  /** ISO 8601. */
  readonly endedAt: string;
}

/** Undefined for what is none: these keys are open to whoever may write to the cluster. */
export function parseRecord<T extends DriverRecord | DriverConfirmation>(value: Buffer): T | undefined {
  try {
    const record: unknown = JSON.parse(value.toString('utf8'));
    if (record === null || typeof record !== 'object') return undefined;
    const { id, name } = record as Partial<T>;
    return typeof id === 'string' && typeof name === 'string' ? (record as T) : undefined;
  } catch {
    return undefined;
  }
}

/** `the driver 'pod-0' (process 7 on node1, since 2026-11-21T20:30:34.470Z)`. */
export function describeDriver({ name, pid, host, startedAt }: DriverRecord): string {
  return `the driver '${name}' (process ${pid} on ${host}, since ${startedAt})`;
}
