import type { WireClient } from '@etcdperf/core/wire';
import { connectWire } from '../connect-wire.ts';
import type { BenchSite } from '../run-bench.ts';

/** A member with a large database is not to be spoken to for so long. */
const DEFRAGMENT_MS = 10 * 60_000;

/** Compacts everything up to now, and defragments the members one by one, the leader last. Rejects with a WireError. */
export async function tidyMembers(
  { settings: { access }, onStep }: BenchSite,
  { isCompacted, isDefragmented }: { readonly isCompacted: boolean; readonly isDefragmented: boolean },
): Promise<void> {
  if (isCompacted) {
    onStep('compacting');
    await using client = await connectWire(access);
    const { header } = await client.range('\0', { countOnly: true });
    await client.compact(header.revision, { physical: true, timeoutMs: DEFRAGMENT_MS }).catch(unlessCompacted);
  }
  if (!isDefragmented) return;
  const members = access.endpoints.map((endpoint) => ({ endpoint, access: { ...access, endpoints: [endpoint] } }));
  const leading = async (client: WireClient) => {
    const { leader, memberId } = await client.status();
    return leader === memberId;
  };
  const leaders: typeof members = [];
  for (const member of members) {
    await using client = await connectWire(member.access);
    if (await leading(client)) leaders.push(member);
    else await defragment(client, member.endpoint, onStep);
  }
  for (const member of leaders) {
    await using client = await connectWire(member.access);
    await defragment(client, member.endpoint, onStep);
  }
}

async function defragment(client: WireClient, endpoint: string, onStep: (text: string) => void): Promise<void> {
  onStep(`defragmenting ${endpoint}`);
  await client.defragment({ timeoutMs: DEFRAGMENT_MS });
}

/** Somebody else was quicker: that is as good. */
function unlessCompacted(error: unknown): void {
  if ((error as { reason?: string }).reason !== 'compacted') throw error;
}
