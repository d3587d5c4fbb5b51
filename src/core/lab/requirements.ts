import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { OperationError } from '../errors/index.ts';

const PROGRAMS = {
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  sshd: 'openssh-server',
};
const SEARCHED = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Throws an OperationError that says what to do where this machine can't make hosts: not Linux, not root, no tools. */
export async function checkRequirements(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new OperationError(`a lab is made of Linux namespaces, and this machine runs ${process.platform}`, {
      hint: 'use your own hosts through an inventory, or run election:failover with no inventory: it needs no hosts',
    });
  }
  if (process.getuid?.() !== 0) {
    throw new OperationError('making hosts on this machine needs root', {
      hint: 'run it with sudo, or run election:failover with no inventory: it needs neither root nor hosts',
    });
  }
  const missing: string[] = [];
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    if (!(await isInstalled(program))) missing.push(debianPackage);
  }
  if (missing.length > 0) {
    const packages = [...new Set(missing)].join(' ');
    throw new OperationError(`programs that a lab is made with are missing (packages: ${packages})`, {
      hint: `apt-get install ${packages}`,
    });
  }
}

async function isInstalled(program: string): Promise<boolean> {
  const folders = new Set([...SEARCHED, ...(process.env.PATH ?? '').split(delimiter)]);
  for (const folder of folders) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
