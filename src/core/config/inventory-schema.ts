import { z } from 'zod';
import { kubernetesSchema } from './kubernetes-schema.ts';

/** The one source of truth for what an inventory file may say: `conf/inventory.schema.json` is generated from it. */

export const DEFAULT_ETCD_VERSION = '3.6.16';
export const DEFAULT_WORK_DIR = '/var/lib/etcdperf';

const text = z.string().min(1);
const port = z.int().min(1).max(65535);
const pattern = text.describe('A host name, a range such as node[1-12], or @group; several with commas');
const patterns = z.union([pattern, z.array(pattern)]);
const absolutePath = text.regex(/^\//, 'must be an absolute path');
const environmentName = text.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable');

const settings = {
  user: text.describe('User to log in as. Default: what ~/.ssh/config says, else your own').optional(),
  port: port.describe('SSH port. Default: what ~/.ssh/config says, else 22').optional(),
  key: text.describe('Private key file').optional(),
  jump: z
    .union([text, z.array(text)])
    .describe('Jump hosts, first hop first: names from `hosts`, or [user@]address[:port]')
    .optional(),
  become: z.enum(['none', 'sudo']).describe('How to become root. Default: none').optional(),
  knownHosts: text.describe('known_hosts file to verify host keys with. Default: yours').optional(),
  passwordFile: text.describe('File whose first line is the password (for login and sudo)').optional(),
  passwordEnv: environmentName.describe('Environment variable that holds the password').optional(),
};

const address = text.describe('Name or IP address to connect to; a range pairs up with the range of the name');

const host = z.strictObject({ address: address.optional(), ...settings });
const listedHost = z.strictObject({
  name: text.describe('The name that this file, --limit and all output use; may hold ranges: node[1-12]'),
  address: address.optional(),
  ...settings,
});

const hosts = z.union([z.array(z.union([text, listedHost])), z.record(text, z.union([address, host, z.null()]))]);

const group = z.union([
  pattern,
  z.array(pattern),
  z.strictObject({ hosts: patterns.optional(), ...settings }),
  z.null(),
]);

const member = z.strictObject({
  name: text.describe("The member's name; default: its host's name. May hold ranges").optional(),
  host: pattern.describe('The host it runs on').optional(),
  clientPort: port.optional(),
  peerPort: port.optional(),
  dataDir: absolutePath.optional(),
});

const cluster = z.strictObject({
  backend: z
    .enum(['local', 'hosts', 'statefulset', 'operator'])
    .describe('hosts: on hosts of this file, over SSH; local: on this machine; statefulset, operator: on Kubernetes')
    .default('hosts'),
  version: text
    .regex(/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'must be a full version such as 3.6.16')
    .describe(`etcd's version. Default: ${DEFAULT_ETCD_VERSION}`)
    .default(DEFAULT_ETCD_VERSION),
  members: z
    .union([z.int().min(1).max(9), pattern, z.array(z.union([pattern, member]))])
    .describe('Who belongs to it; a number where the backend is not hosts. Default: the group `etcd`, or 3')
    .optional(),
  ports: z
    .strictObject({ client: port.default(2379), peer: port.default(2380) })
    .describe('Ports of every member that names none. Local members count up from them in steps of two')
    .prefault({}),
  dataDir: absolutePath.describe('Data directory on each host. Default: one beneath workDir').optional(),
  flags: z
    .record(text, z.union([z.string(), z.number(), z.boolean()]))
    .describe("etcd's own flags without dashes: `heartbeat-interval: 100`")
    .default({}),
  tls: z
    .union([
      z.strictObject({ dir: text.describe('Directory of the certificates that harness:certs makes') }),
      z.strictObject({
        ca: text.describe('CA that signed the certificates'),
        cert: text.describe("The members' certificate (good for all of them)"),
        key: text,
        clientCa: text.describe('Clients must show a certificate signed by this CA').optional(),
        clientCert: text.describe('The certificate that etcdperf shows').optional(),
        clientKey: text.optional(),
      }),
    ])
    .describe('Certificate files on this machine: a directory for harness:certs, or one file each')
    .optional(),
  endpoints: z
    .array(text)
    .describe('URLs that clients here reach it at; harness:endpoints --save writes them. Default: the members')
    .optional(),
  kubernetes: kubernetesSchema.describe('Backends statefulset and operator: where and how it runs').optional(),
  auth: z
    .strictObject({ user: text, passwordFile: text.optional(), passwordEnv: environmentName.optional() })
    .describe('User that etcdperf and its load log in to etcd as')
    .optional(),
});

export const inventorySchema = z.strictObject({
  hosts: hosts.describe('The hosts: a list, or a map from name to address or settings').optional(),
  import: z
    .union([text, z.array(text), z.record(text, z.union([text, z.array(text)]))])
    .describe('Old files with one address a line; group → file, or files (master-ips.conf becomes the group masters)')
    .optional(),
  defaults: z.strictObject(settings).describe('Settings of all hosts that say nothing else').optional(),
  groups: z
    .record(text, group)
    .describe('Group → its hosts. etcd, masters and agents have a meaning; others are yours, for --limit')
    .optional(),
  clock: z
    .strictObject({
      source: z.enum(['chrony', 'none']).default('chrony'),
      servers: z.array(text).describe('Time servers: addresses, or names from `hosts`').default([]),
      maxOffsetMs: z.number().positive().describe('A clock further off than this is a failure').default(20),
    })
    .describe("How the hosts' clocks are kept together")
    .prefault({}),
  limits: z
    .strictObject({
      nofile: z.int().min(1024).describe('Open files').default(65536),
      nproc: z.int().min(256).describe('Processes and threads').default(65536),
      sysctls: z.record(text, z.union([z.string(), z.number()])).default({}),
    })
    .describe('What hosts:init makes sure of')
    .prefault({}),
  workDir: absolutePath.describe('Directory of etcdperf on every host').default(DEFAULT_WORK_DIR),
  runsDir: text.describe('Directory of the run folders. Default: ./runs where you are').optional(),
  clusters: z.record(text, cluster).describe('Clusters under test').optional(),
  control: text.describe('The cluster that coordination goes through, apart from the one under test').optional(),
});

export type InventoryFile = z.output<typeof inventorySchema>;
export type FileSettings = z.output<typeof host>;
export type FileCluster = z.output<typeof cluster>;
export type FileMember = z.output<typeof member>;
