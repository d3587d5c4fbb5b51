import { formatRecordTime, parseRecordTime } from './record-time.ts';

/** What an agent went through in a round. Times are unix microseconds of its host. */
export interface AgentRecord {
  readonly master: string;
  readonly identity: string;
  /** When it was notified that the last master was gone; in its first round: when it started. */
  readonly fromUs: number;
  /** When it had the new master and its payload. */
  readonly gotUs: number;
}

/** When a candidate learned of the vacancy (or started), and when it was elected and its payload written. */
export interface NewMasterRecord {
  readonly fromUs: number;
  readonly doneUs: number;
}

/** `<master>|<identity>|<start or notified>|<got master and payload>` */
export function formatAgentRecord({ master, identity, fromUs, gotUs }: AgentRecord): string {
  return `${master}|${identity}|${formatRecordTime(fromUs)}|${formatRecordTime(gotUs)}`;
}

/**
 * The record in `text`, or undefined if it isn't one. It is read from its end, because the master key may hold
 * anything, `|` too, while an identity can't.
 */
export function parseAgentRecord(text: string): AgentRecord | undefined {
  const match = /^([\s\S]*)\|([^|]+)\|([^|]+)\|([^|]+)$/.exec(text);
  if (!match) return undefined;
  const fromUs = parseRecordTime(match[3]!);
  const gotUs = parseRecordTime(match[4]!);
  if (fromUs === undefined || gotUs === undefined) return undefined;
  return { master: match[1]!, identity: match[2]!, fromUs, gotUs };
}

/** `<start or notified>|<elected and payload written>` */
export function formatNewMasterRecord({ fromUs, doneUs }: NewMasterRecord): string {
  return `${formatRecordTime(fromUs)}|${formatRecordTime(doneUs)}`;
}

/** The record in `text`, or undefined if it isn't one. */
export function parseNewMasterRecord(text: string): NewMasterRecord | undefined {
  const parts = text.split('|');
  if (parts.length !== 2) return undefined;
  const fromUs = parseRecordTime(parts[0]!);
  const doneUs = parseRecordTime(parts[1]!);
  return fromUs === undefined || doneUs === undefined ? undefined : { fromUs, doneUs };
}

/** `-|-|<begun>|<ended>`: a batch that was written (`/updated_result`) or read (`/watch_updated_result`). */
export function formatBatchRecord(fromUs: number, doneUs: number): string {
  return `-|-|${formatRecordTime(fromUs)}|${formatRecordTime(doneUs)}`;
}

/** The record in `text`, or undefined if it isn't one. */
export function parseBatchRecord(text: string): NewMasterRecord | undefined {
  return text.startsWith('-|-|') ? parseNewMasterRecord(text.slice(4)) : undefined;
}
