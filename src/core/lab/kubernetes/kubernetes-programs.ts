import { access, constants, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheDir } from '../../config/index.ts';
import { OperationError } from '../../errors/index.ts';

/** Where the programs are that a Kubernetes lab runs. */
export interface KubernetesPrograms {
  /** Of Kubernetes: `1.34.4`. */
  readonly version: string;
  /** The folder of Kubernetes' own programs, CoreDNS among them. */
  readonly folder: string;
  /** Version → etcd's server program; the newest one is the control plane's. */
  readonly etcd: Readonly<Record<string, string>>;
  readonly etcdctl: string;
  readonly busybox: string;
}

const COMPONENTS = [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl', 'coredns'],
];
/** A program by which it is known that a Debian package is there. */
const PACKAGES = {
  containerd: 'containerd',
  runc: 'runc',
  'containernetworking-plugins': '/usr/lib/cni/ptp',
  iptables: 'iptables',
  conntrack: 'conntrack',
  'busybox-static': 'busybox',
};
/** What the lab's images are made with. */
const ETCD_VERSIONS = ['3.5.35', '3.6.16'];
const ETCDCTL_VERSION = '3.6.16';
const SEARCHED = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Throws an OperationError that says what to do where something is missing. */
export async function findKubernetesPrograms(): Promise<KubernetesPrograms> {
  if (!/ \/sys\/fs\/cgroup\/memory .* - cgroup /.test(await readFile('/proc/self/mountinfo', 'utf8'))) {
    throw new OperationError('a Kubernetes lab needs cgroups of version 1 (at /sys/fs/cgroup/memory and beside it)', {
      hint: 'use another cluster, such as one of kind: its kubeconfig is all that etcdperf needs',
    });
  }
  const missing: string[] = [];
  for (const [name, program] of Object.entries(PACKAGES)) {
    const path = await findProgram(program);
    if (path === undefined || (program === 'busybox' && !(await isStatic(path)))) missing.push(name);
  }
  if (missing.length > 0) {
    throw new OperationError(
      `programs that a Kubernetes lab is made with are missing (packages: ${missing.join(' ')})`,
      {
        hint: `apt-get install --no-install-recommends ${missing.join(' ')}, or npm run setup in etcdperf's repository`,
      },
    );
  }
  const kubernetes = join(cacheDir(), 'kubernetes');
  const version = await newestWhole(kubernetes);
  const etcd: Record<string, string> = {};
  for (const name of ETCD_VERSIONS) {
    const path = join(cacheDir(), 'etcd', name, 'etcd');
    if (await isProgram(path)) etcd[name] = path;
    else missing.push(`etcd ${name}`);
  }
  const etcdctl = join(cacheDir(), 'etcd', ETCDCTL_VERSION, 'etcdctl');
  if (!(await isProgram(etcdctl))) missing.push('etcdctl');
  if (version === undefined) missing.push('Kubernetes');
  if (version === undefined || missing.length > 0) {
    throw new OperationError(`components of a Kubernetes lab are not built: ${missing.join(', ')}`, {
      where: kubernetes,
      hint: "npm run setup in etcdperf's repository builds them (it needs Go, and some minutes, once)",
    });
  }
  const busybox = (await findProgram('busybox')) ?? '';
  return { version, folder: join(kubernetes, version), etcd, etcdctl, busybox };
}

/** The newest version of which every component is there. */
async function newestWhole(folder: string): Promise<string | undefined> {
  const versions = (await readdir(folder).catch(() => [])).filter((name) => /^\d+\.\d+\.\d+$/.test(name));
  for (const version of versions.sort((a, b) => b.localeCompare(a, undefined, { numeric: true }))) {
    const there = await Promise.all(COMPONENTS.map((name) => isProgram(join(folder, version, name))));
    if (there.every(Boolean)) return version;
  }
  return undefined;
}

async function findProgram(program: string): Promise<string | undefined> {
  if (program.startsWith('/')) return (await isProgram(program)) ? program : undefined;
  for (const folder of new Set([...SEARCHED, ...(process.env.PATH ?? '').split(delimiter)])) {
    if (await isProgram(join(folder, program))) return join(folder, program);
  }
  return undefined;
}

/** Runs where there are no libraries: it names no dynamic linker at its beginning (ELF's `.interp`). */
async function isStatic(path: string): Promise<boolean> {
  return !(await readFile(path)).subarray(0, 4096).includes('/ld-');
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
