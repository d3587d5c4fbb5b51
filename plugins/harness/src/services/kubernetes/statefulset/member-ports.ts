import type { KubernetesPlan } from '../kubernetes-plan.ts';

export interface MemberPorts {
  readonly client: number;
  readonly peer: number;
  /** Plain HTTP, for the kubelet's probes: it has no certificate to show. */
  readonly metrics: number;
}

const METRICS_PORT = 2381;

export function memberPorts({ config }: Pick<KubernetesPlan, 'config'>): MemberPorts {
  const { clientPort: client = 2379, peerPort: peer = 2380 } = config.members[0] ?? {};
  let metrics = METRICS_PORT;
  while (metrics === client || metrics === peer) metrics++;
  return { client, peer, metrics };
}
