import { parseDuration } from '@etcdperf/core/cli';
import { InputError } from '@etcdperf/core/errors';
import type { ReplicationConfig } from '../protocol/index.ts';

/**
 * `off`, `on` (1000 values of 1024 bytes every 5 s), or `500x2048/2s`: values in a batch, their size, the interval.
 * Throws InputError for anything else.
 */
export function parseReplication(text: string): ReplicationConfig | null {
  if (text === 'off') return null;
  if (text === 'on') return { batchSize: 1000, valueBytes: 1024, intervalMs: 5000 };
  const match = /^(\d{1,6})x(\d{1,7})\/(\w+)$/.exec(text);
  const [batchSize, valueBytes] = [Number(match?.[1]), Number(match?.[2])];
  if (match && batchSize >= 1 && valueBytes >= 1) {
    return { batchSize, valueBytes, intervalMs: parseDuration(match[3]!) };
  }
  throw new InputError(`'${text}' is no replication: write off, on, or BATCHxBYTES/INTERVAL such as 1000x1024/5s`);
}
