import type { ClusterAccess } from '../etcd/index.ts';
import { type Bytes, type KeyRange, WireClient, WireError } from '../wire/index.ts';
import type { Finding } from './preflight-finding.ts';

/** The keys that will be read: `key` alone, or what the range says of it. */
export interface ReadRange extends KeyRange {
  readonly key: Bytes;
}

interface Questions {
  readonly access: ClusterAccess;
  readonly signal?: AbortSignal | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly reads?: ReadRange | undefined;
}

const TIMEOUT_MS = 2000;

/** What only requests show: the TTL that etcd grants, and whether there is anything to read. Rejects only when aborted. */
export async function requestFindings(questions: Questions): Promise<Finding[]> {
  const { access, signal, ttlSeconds, reads } = questions;
  if (ttlSeconds === undefined && reads === undefined) return [];
  const { endpoints, tls, auth, dialTimeoutMs = TIMEOUT_MS } = access;
  try {
    await using client = await WireClient.connect(
      { endpoints, tls, auth, dialTimeoutMs, requestTimeoutMs: TIMEOUT_MS, startAt: 0 },
      signal,
    );
    const found = await Promise.all([
      ttlSeconds === undefined ? [] : ttlFindings(client, ttlSeconds, signal),
      reads === undefined ? [] : readFindings(client, reads, signal),
    ]);
    return found.flat();
  } catch (error) {
    // Whom nobody can reach, the survey tells of.
    if (error instanceof WireError) return [];
    throw error;
  }
}

async function ttlFindings(client: WireClient, asked: number, signal: AbortSignal | undefined): Promise<Finding[]> {
  try {
    const { id, ttlSeconds } = await client.leaseGrant(asked, 0n, { signal });
    // Also after an abort: nothing of ours is to be left behind.
    await client.leaseRevoke(id).catch(() => undefined);
    if (ttlSeconds === asked) return [];
    return [
      {
        kind: 'ttl-differs',
        message: `leases asked for ${asked} s are granted ${ttlSeconds} s`,
        hint: 'etcd raises TTLs to one and a half of its election timeout: count with what is granted',
      },
    ];
  } catch (error) {
    signal?.throwIfAborted();
    return [{ kind: 'other', message: `no lease is granted: ${describe(error)}` }];
  }
}

async function readFindings(client: WireClient, reads: ReadRange, signal: AbortSignal | undefined): Promise<Finding[]> {
  const { key, ...range } = reads;
  try {
    // Serializable: a member without a leader can tell, too.
    const { count } = await client.range(key, { ...range, countOnly: true, serializable: true, signal });
    if (count > 0) return [];
    return [
      {
        kind: 'empty',
        message: `there are no keys at ${nameRange(reads)}: reads will find nothing`,
        hint: 'write some first, with bench:put for example',
      },
    ];
  } catch (error) {
    signal?.throwIfAborted();
    return [{ kind: 'other', message: `the keys at ${nameRange(reads)} can't be read: ${describe(error)}` }];
  }
}

function nameRange({ key, prefix, rangeEnd }: ReadRange): string {
  const from = JSON.stringify(text(key));
  if (prefix === true) return `${from} and below`;
  return rangeEnd === undefined ? from : `${from} to ${JSON.stringify(text(rangeEnd))}`;
}

function text(bytes: Bytes): string {
  return typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^etcdserver: /, '') : String(error);
}
