import { EtcdperfError } from '../errors/index.ts';
import type { ClusterPlan, MemberPlan } from './cluster-plan.ts';
import { inspectMembers, type MemberSite } from './inspect-members.ts';
import { installTlsFiles } from './install-tls-files.ts';
import { checksumsAtStart } from './member-record.ts';
import type { TlsFiles } from './tls-files.ts';

/** What became of one member's certificate files. */
export interface InstalledCertificates {
  readonly name: string;
  readonly host: string;
  readonly result:
    | {
        readonly kind: 'installed' | 'unchanged';
        /** Whether it runs with other CAs than these: etcd reads those when it starts. */
        readonly restart: boolean;
      }
    | { readonly kind: 'failed'; readonly reason: string; readonly hint?: string | undefined };
}

export interface InstallCertificatesOptions {
  readonly plan: ClusterPlan;
  readonly tls: TlsFiles;
  readonly site: (host: string) => MemberSite;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a cluster's certificate files to the hosts of all its members. Running members use new certificates from the
 * next connection on. A host that fails stops no other.
 */
export async function installCertificates(options: InstallCertificatesOptions): Promise<InstalledCertificates[]> {
  const { plan, tls, site, signal } = options;
  return Promise.all(
    plan.members.map(async (member): Promise<InstalledCertificates> => {
      const { name, host } = member;
      try {
        const changed = await installTlsFiles(site(host), member.tlsDir, tls, signal);
        const restart = await runsWithOtherCas(site(host), member, tls, signal);
        return { name, host, result: { kind: changed.length > 0 ? 'installed' : 'unchanged', restart } };
      } catch (error) {
        if (signal?.aborted || !(error instanceof EtcdperfError)) throw error;
        return { name, host, result: { kind: 'failed', reason: error.message, hint: error.hint } };
      }
    }),
  );
}

/** The names of members that run with other CAs than these. Throws for hosts that can't be asked. */
export async function membersWithOtherCas(options: InstallCertificatesOptions): Promise<string[]> {
  const { plan, tls, site, signal } = options;
  const others = await Promise.all(
    plan.members.map((member) => runsWithOtherCas(site(member.host), member, tls, signal)),
  );
  return plan.members.flatMap(({ name }, index) => (others[index] ? [name] : []));
}

async function runsWithOtherCas(
  site: MemberSite,
  member: MemberPlan,
  tls: TlsFiles,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [found] = (await inspectMembers(site, [member], signal)).members;
  const settings = found?.daemon.kind === 'running' ? found.record?.settings : undefined;
  if (settings === undefined) return false;
  return Object.entries(checksumsAtStart(tls)).some(([file, checksum]) => settings[file] !== checksum);
}
