import { connectWire } from './connect-wire.ts';
import { findProcesses } from './election-processes.ts';
import { readOffice } from './election-state.ts';
import { requireQuorum } from './require-quorum.ts';
import { hostsOf, type Site } from './site.ts';

export interface ElectionStatus {
  readonly master: string | null;
  readonly round: number;
  readonly hosts: readonly HostStatus[];
}

export type HostStatus =
  | { readonly host: string; readonly status: 'failed'; readonly error: string }
  | {
      readonly host: string;
      readonly status: 'ok';
      readonly processes: readonly { readonly name: string; readonly state: string; readonly pid: number | null }[];
    };

/** Who is master, and which candidates and agents run where. A host that can't be asked does not keep the others. */
export async function electionStatus(site: Site, signal?: AbortSignal): Promise<ElectionStatus> {
  await requireQuorum(site.access);
  await using etcd = await connectWire(site.access, signal);
  const { master, round } = await readOffice(etcd.wire);
  const hosts = hostsOf(site);
  const found = await findProcesses(hosts, signal);
  signal?.throwIfAborted();
  return {
    master: master ?? null,
    round,
    hosts: found.map((result, index): HostStatus => {
      const host = hosts[index]!.name;
      if (result.status === 'failed') return { host, status: 'failed', error: result.error.message };
      const processes = result.value.map(({ name, state }) => ({
        name,
        state: state.kind === 'exited' ? `ended (${state.signal ?? `code ${state.code}`})` : state.kind,
        pid: state.kind === 'running' ? state.pid : null,
      }));
      return { host, status: 'ok', processes };
    }),
  };
}
