import { subnetPrefix } from '../free-subnets.ts';

/**
 * Where everything of a Kubernetes lab is. A lab takes 16 consecutive /24 of 198.18.0.0/15 (RFC 2544): one for nodes and
 * control plane, four for cluster IPs, eight for pods, one per node.
 */
export interface LabAddresses {
  /** First three octets of the nodes' network; `.1` is this machine. */
  readonly subnet: string;
  readonly controlPlane: string;
  readonly apiServer: string;
  readonly services: string;
  /** The cluster IP of the API server, `kubernetes.default`. */
  readonly apiService: string;
  readonly pods: string;
  readonly nodes: readonly { readonly name: string; readonly address: string; readonly pods: string }[];
}

/** /24s that a lab takes: its number is a multiple of it. */
export const SUBNETS_PER_LAB = 16;
/** One /24 of pods for each. */
export const MAX_NODES = 8;
const API_PORT = 6443;
const SERVICES = 4;
const PODS = 8;
const FIRST_NODE_OCTET = 11;

/** `number`: which /24 of 198.18.0.0/15 is the lab's first. */
export function labAddresses(number: number, nodeCount: number): LabAddresses {
  const subnet = subnetPrefix(number);
  return {
    subnet,
    controlPlane: `${subnet}.2`,
    apiServer: `https://${subnet}.2:${API_PORT}`,
    services: `${subnetPrefix(number + SERVICES)}.0/22`,
    apiService: `${subnetPrefix(number + SERVICES)}.1`,
    pods: `${subnetPrefix(number + PODS)}.0/21`,
    nodes: Array.from({ length: nodeCount }, (_, index) => ({
      name: `node${index + 1}`,
      address: `${subnet}.${FIRST_NODE_OCTET + index}`,
      pods: `${subnetPrefix(number + PODS + index)}.0/24`,
    })),
  };
}
