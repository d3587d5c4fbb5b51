import { closeSync, openSync, readSync } from 'node:fs';
import { OperationError } from '../errors/index.ts';

/** What a binary is for, in node's words. */
export interface EtcdPlatform {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
}

const RELEASED: Partial<Record<NodeJS.Architecture, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ppc64: 'ppc64le',
  s390x: 's390x',
};

/** The name of an official release without its ending: `etcd-v3.6.16-linux-amd64`. */
export function releaseName(version: string, { platform, arch }: EtcdPlatform): string {
  const released = RELEASED[arch];
  if (platform === 'linux' && released !== undefined) return `etcd-v${version}-linux-${released}`;
  throw new OperationError(`there is no etcd release to download for ${platform} on ${arch}`, {
    hint: 'install etcd, or name a binary in ETCDPERF_ETCD',
  });
}

/** What `uname -m` said, in node's words. Throws OperationError for a machine that etcd isn't released for. */
export function archOfUname(machine: string): NodeJS.Architecture {
  switch (machine.trim()) {
    case 'x86_64':
    case 'amd64':
      return 'x64';
    case 'aarch64':
    case 'arm64':
      return 'arm64';
    case 'ppc64le':
      return 'ppc64';
    case 's390x':
      return 's390x';
    default:
      throw new OperationError(`etcd is not released for machines of type '${machine.trim()}'`);
  }
}

/** ELF's e_machine. */
const MACHINES = new Map<number, NodeJS.Architecture>([
  [0x3e, 'x64'],
  [0xb7, 'arm64'],
  [0x15, 'ppc64'],
  [0x16, 's390x'],
]);

/** Whether a file can be an executable for that platform: decided by its ELF header; anything but ELF is trusted here. */
export function isBuiltFor(file: string, wanted: EtcdPlatform): boolean {
  const header = Buffer.alloc(20);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, 20, 0);
  } finally {
    closeSync(descriptor);
  }
  if (header.toString('latin1', 0, 4) !== '\u007fELF')
    return wanted.platform === process.platform && wanted.arch === process.arch;
  const bigEndian = header[5] === 2;
  return (
    wanted.platform === 'linux' &&
    MACHINES.get(bigEndian ? header.readUInt16BE(18) : header.readUInt16LE(18)) === wanted.arch
  );
}
