import { InputError } from '@etcdperf/core/errors';
import { type Finding, type PreflightOptions, preflight } from '@etcdperf/core/load';
import { formatSize } from '@etcdperf/core/stats';
import type { DatabaseSize } from './database-gauge.ts';
import type { FillGoal, FillPlan } from './plan-fill.ts';

/** A fuller database than this is too near to etcd's refusing all writes. */
const MOST_OF_QUOTA = 0.98;

/** How large a database file may become. */
export function mostOf(quotaBytes: number | undefined): number {
  return quotaBytes === undefined ? Number.POSITIVE_INFINITY : quotaBytes * MOST_OF_QUOTA;
}

/** Throws InputError for what is there already, or can't be. */
export function checkGoal(goal: FillGoal, { inUseBytes, fileBytes }: DatabaseSize, mostBytes: number): void {
  if (fileBytes >= mostBytes)
    throw new InputError(`the database takes ${formatSize(fileBytes)}: nearly all of its quota`, {
      hint: 'compact and defragment first, or start etcd with a larger --quota-backend-bytes',
    });
  if (goal.kind === 'keys') return;
  if (goal.bytes > mostBytes)
    throw new InputError(
      `the quota has no room for ${formatSize(goal.bytes)}: up to ${formatSize(mostBytes)} can be filled`,
      {
        where: '--gb',
        hint: 'start etcd with a larger --quota-backend-bytes, or fill less',
      },
    );
  if (isFull(goal, { inUseBytes, fileBytes }))
    throw new InputError(`${formatSize(inUseBytes)} of the database are in use already`, { where: '--gb' });
}

/** What is to be known of the cluster. Throws InputError where its quota has no room for so many keys. */
export async function lookAhead(
  cluster: Pick<PreflightOptions, 'access' | 'target' | 'survey' | 'signal'>,
  goal: FillGoal,
  { end, bytes }: FillPlan,
): Promise<readonly Finding[]> {
  const writes = goal.kind === 'keys' ? { expectedWrites: end, expectedWriteBytes: bytes } : {};
  const findings = await preflight({ ...cluster, ...writes });
  const beyond = findings.find(({ kind }) => kind === 'over-quota');
  if (beyond !== undefined) throw new InputError(beyond.message, { where: '--keys', hint: beyond.hint });
  return findings;
}

export function isFull(goal: FillGoal, { inUseBytes }: DatabaseSize): boolean {
  return goal.kind === 'bytes' && inUseBytes >= goal.bytes;
}
