import { InputError, OperationError } from '@etcdperf/core/errors';
import type { ClusterAccess } from '@etcdperf/core/etcd';
import { WireClient, WireError } from '@etcdperf/core/wire';
import { keyText } from '../key-text.ts';

/** What is below the prefixes of a cluster before a load. */
export interface TargetLook {
  /** Hex. */
  readonly clusterId: string;
  readonly keys: number;
  /** One of them. */
  readonly example: Buffer | undefined;
}

/** Rejects with an OperationError that names the prefix where one may not be read. */
export async function lookAtTarget(
  access: ClusterAccess,
  prefixes: readonly Buffer[],
  signal: AbortSignal,
): Promise<TargetLook> {
  await using client = await WireClient.connect({ ...access, requestTimeoutMs: 30_000 }, signal);
  let clusterId = 0n;
  let keys = 0;
  let example: Buffer | undefined;
  for (const prefix of prefixes) {
    const { header, count, kvs } = await client
      .range(prefix, { prefix: true, limit: 1, keysOnly: true, signal })
      .catch((error: unknown) => {
        throw refusedPrefix(error, prefix, access);
      });
    clusterId = header.clusterId;
    keys += count;
    example ??= kvs[0]?.key;
  }
  return { clusterId: clusterId.toString(16), keys, example };
}

/** Throws InputError where there are keys already. */
export function requireEmpty({ keys, example }: TargetLook, prefixes: readonly Buffer[]): void {
  if (keys === 0) return;
  const where = prefixes.every((prefix) => prefix.length > 0)
    ? `below ${prefixes.map((prefix) => `'${keyText(prefix)}'`).join(', ')}`
    : 'in the cluster';
  const there = keys === 1 ? 'is a key' : `are ${keys} keys`;
  throw new InputError(
    `there ${there} ${where} already${example === undefined ? '' : `, such as ${keyText(example)}`}`,
    {
      hint: 'put all keys of the dump with --overwrite, those that are not there with --only-missing; --prefix picks part of the dump; --dry-run says what would change',
    },
  );
}

function refusedPrefix(error: unknown, prefix: Buffer, { auth }: ClusterAccess): unknown {
  if (!(error instanceof WireError) || error.reason !== 'permission-denied') return error;
  const what = prefix.length === 0 ? 'all keys' : `the keys below '${keyText(prefix)}'`;
  return new OperationError(`${auth?.user ?? 'the user'} may not read ${what}`, { where: error.where, cause: error });
}
