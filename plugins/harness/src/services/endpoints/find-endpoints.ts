import { editInventory } from '@etcdperf/core/config';
import { InputError } from '@etcdperf/core/errors';
import { lookAtMembers } from '@etcdperf/core/etcd';
import type { OpenSubject } from '../open-subject.ts';
import { chooseWays } from './choose-ways.ts';
import type { EndpointsReport, Way } from './endpoints-report.ts';
import type { FoundWays } from './kubernetes-ways.ts';
import { tryWays } from './try-ways.ts';

export interface EndpointsOptions {
  /** Write those that were chosen into the inventory. */
  readonly save?: boolean | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds every way to a cluster and tries each from this machine. Throws InputError where there is no inventory to save
 * into, and what the API server refuses.
 */
export async function findEndpoints(subject: OpenSubject, options: EndpointsOptions): Promise<EndpointsReport> {
  const file = options.save === true ? inventoryFile(subject) : undefined;
  const found = await waysTo(subject, options);
  const saved = subject.members?.found.config.endpoints ?? [];
  const known = new Set(found.ways.map(({ url }) => url));
  const more = saved.filter((url) => !known.has(url)).map((url): Way => ({ kind: 'saved', through: 'inventory', url }));
  // Each way with the name that it has itself; forwarded ports with what they lead to.
  const { serverName: _, ...tls } = subject.access.tls ?? {};
  const plain = { ...subject.access, ...(subject.access.tls !== undefined && { tls }) };
  const isForward = ({ kind }: Way) => kind === 'forward';
  const [direct, forwarded] = await Promise.all([
    tryWays(plain, [...found.ways.filter((way) => !isForward(way)), ...more], subject.access, options),
    tryWays(subject.access, found.ways.filter(isForward), undefined, options),
  ]);
  const ways = [...direct, ...forwarded];
  const chosen = chooseWays(ways);
  return {
    cluster: subject.name,
    ways,
    chosen,
    notes: found.notes,
    saved: await save(file, subject.name, chosen),
  };
}

async function waysTo({ access, members }: OpenSubject, options: EndpointsOptions): Promise<FoundWays> {
  if (members?.found.kind === 'kubernetes') {
    const { kubernetesWays } = await import('./kubernetes-ways.ts');
    return kubernetesWays(members.found, members, options.signal);
  }
  if (members !== undefined)
    return {
      ways: members.members.map(({ name, clientUrl }) => ({ kind: 'member', through: name, url: clientUrl })),
      notes: [],
    };
  const { listed } = await lookAtMembers(access, options);
  const given = access.endpoints.map((url): Way => ({ kind: 'saved', through: '--endpoints', url }));
  const own = listed.flatMap(({ name, clientUrls }) =>
    clientUrls.map((url): Way => ({ kind: 'member', through: name, url: url.replace(/\/$/, '') })),
  );
  return { ways: [...own, ...given.filter(({ url }) => !own.some((way) => way.url === url))], notes: [] };
}

async function save(
  file: string | undefined,
  cluster: string | undefined,
  chosen: readonly string[],
): Promise<EndpointsReport['saved']> {
  if (file === undefined || cluster === undefined) return { kind: 'not asked' };
  if (chosen.length === 0) return { kind: 'nothing to save' };
  return { kind: 'saved', file, changed: await editInventory(file, ['clusters', cluster, 'endpoints'], chosen) };
}

function inventoryFile({ inventory }: OpenSubject): string {
  if (inventory !== undefined) return inventory.path;
  throw new InputError('no inventory describes this cluster', {
    where: '--save',
    hint: 'describe it under clusters: in an inventory (conf/inventory.yaml shows how)',
  });
}
