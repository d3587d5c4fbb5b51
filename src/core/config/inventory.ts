/** What an inventory file says, resolved: ranges expanded, groups flattened, settings merged, paths absolute. */
export interface Inventory {
  /** The file it came from, absolute. */
  readonly path: string;
  /** SHA-256 (hex) of everything that was read: the run manifest's proof of which inventory was used. */
  readonly digest: string;
  readonly hosts: readonly InventoryHost[];
  /** Group → names of its hosts, in file order, groups of groups flattened. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  readonly clock: ClockConfig;
  readonly limits: LimitsConfig;
  /** The directory on each host that etcdperf keeps its things in. */
  readonly workDir: string;
  /** The directory on this machine that run folders are made in, absolute. */
  readonly runsDir: string;
  /** The cluster that coordination goes through, where it isn't the one under test. */
  readonly control?: string;
}

/** How a host is reached and worked on. What is not said here is left to `~/.ssh/config` and ssh's defaults. */
export interface HostSettings {
  readonly port?: number;
  readonly user?: string;
  /** A private key, absolute path. */
  readonly keyFile?: string;
  /** A file whose first line is the password, absolute path. */
  readonly passwordFile?: string;
  /** The name of an environment variable that holds the password. */
  readonly passwordEnv?: string;
  /** A known_hosts file that replaces the user's, absolute path. */
  readonly knownHostsFile?: string;
}

/** One SSH destination. */
export interface InventoryHost extends HostSettings {
  readonly name: string;
  /** Name or IP address to connect to; the host's name where the inventory gives none. */
  readonly address: string;
  /** The way through jump hosts, first hop first, as written: an inventory host's name or `[user@]address[:port]`. */
  readonly jump?: readonly string[];
  /** The same way with inventory hosts looked up. */
  readonly jumpHosts?: readonly JumpHost[];
  readonly become: 'none' | 'sudo';
  readonly groups: readonly string[];
}

/** One hop on the way to a host. */
export interface JumpHost extends HostSettings {
  readonly name: string;
  readonly address: string;
}

/** How a cluster's members are run. */
export type Backend = 'local' | 'hosts' | 'statefulset' | 'operator';

/** An etcd cluster under test. */
export interface ClusterConfig {
  readonly name: string;
  readonly backend: Backend;
  /** etcd's version without `v`: `3.6.16`. */
  readonly version: string;
  readonly members: readonly MemberConfig[];
  /** Further etcd flags, without leading dashes. Never one that etcdperf sets itself. */
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  readonly tls?: TlsConfig;
  readonly auth?: AuthConfig;
  /** Where clients on this machine reach it, if not at its members' own addresses. */
  readonly endpoints?: readonly string[];
  /** Backends `statefulset` and `operator`, always there. */
  readonly kubernetes?: KubernetesConfig;
}

/** One etcd server of a cluster. */
export interface MemberConfig {
  readonly name: string;
  /** The inventory host it runs on (backend `hosts` only). */
  readonly host?: string;
  readonly clientPort: number;
  readonly peerPort: number;
  /** Absolute path; where there is none, the backend chooses one beneath its work directory. */
  readonly dataDir?: string;
}

/** Files on this machine, absolute paths. Members serve clients with `certFile`, and each other too where no peer's is named. */
export interface TlsConfig {
  /** The directory that `harness:certs` makes all of these files in; they may not be there yet. */
  readonly madeIn?: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Clients must show a certificate that this CA signed (mutual TLS). */
  readonly clientCaFile?: string;
  readonly clientCertFile?: string;
  readonly clientKeyFile?: string;
  readonly peerCertFile?: string;
  readonly peerKeyFile?: string;
}

/** Where on Kubernetes a cluster runs, and how its pods are made. Quantities are in Kubernetes' own notation. */
export interface KubernetesConfig {
  /** Absolute path; else `$KUBECONFIG` or `~/.kube/config`. */
  readonly kubeconfigFile?: string;
  readonly context?: string;
  readonly namespace?: string;
  /** Backend `operator` only, always there. */
  readonly operator?: 'coreos' | 'etcd-io';
  /** With a tag, or without one: `v<version>` is meant then. */
  readonly image?: string;
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  readonly imagePullSecrets: readonly string[];
  readonly storage: KubernetesStorage;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly antiAffinity: 'required' | 'preferred' | 'none';
  readonly priorityClass?: string;
  /** Default: nobody's number, or root's where volumes are root's. */
  readonly runAsUser?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly services: KubernetesServices;
}

/** Where a member's data is kept. */
export type KubernetesStorage =
  | { readonly kind: 'emptyDir'; readonly medium?: '' | 'Memory'; readonly sizeLimit?: string }
  | {
      readonly kind: 'claim';
      readonly size: string;
      readonly storageClass?: string;
      readonly accessMode: 'ReadWriteOnce' | 'ReadWriteOncePod' | 'ReadWriteMany';
    }
  /** One directory of the server for each member, beneath `path`. */
  | { readonly kind: 'nfs'; readonly server: string; readonly path: string; readonly size: string }
  /** One directory of the node for each member, beneath `path`. */
  | { readonly kind: 'hostPath'; readonly path: string; readonly size: string };

/** As Kubernetes has it. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  readonly tolerationSeconds?: number;
}

/** Ways to a cluster beside its cluster IP. */
export interface KubernetesServices {
  /** A port of every node: `port` where it is settled. */
  readonly nodePort?: { readonly port?: number };
  readonly loadBalancer?: { readonly annotations: Readonly<Record<string, string>> };
  /** Names or addresses, some with `:port`, that the user has pointed at the node port. */
  readonly vip: readonly string[];
}

/** Who clients log in as; the password comes from exactly one of the two sources. */
export interface AuthConfig {
  readonly user: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
}

/** How the hosts' clocks are kept together. */
export interface ClockConfig {
  readonly source: 'chrony' | 'none';
  readonly servers: readonly ClockServer[];
  /** A host whose clock is off by more than this is a failure. */
  readonly maxOffsetMs: number;
}

/** A time server. `host` is set where the inventory itself has the host. */
export interface ClockServer {
  readonly address: string;
  readonly host?: string;
}

/** What `hosts:init` makes sure of on every host. */
export interface LimitsConfig {
  readonly nofile: number;
  readonly nproc: number;
  readonly sysctls: Readonly<Record<string, string>>;
}
