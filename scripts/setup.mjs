#!/usr/bin/env node
// Set-up on a fresh machine: system packages (as root on Debian), npm packages, the build, etcd, Kubernetes and what is
// measured against.
// Plain JavaScript for any node ≥ 18, nothing but node's own modules. Quick when all is there.
// --without-kubernetes leaves out what only tests and measurements need, and takes longest.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What tests and demo need from the system: a Debian package, and a program by which it is known to be there. */
const SYSTEM_PACKAGES = {
  'openssh-server': 'sshd',
  'openssh-client': 'ssh',
  chrony: 'chronyd',
  iproute2: 'ip',
  'util-linux': 'nsenter',
  'libcap2-bin': 'capsh',
  faketime: 'faketime',
  sudo: 'sudo',
  openssl: 'openssl',
  procps: 'ps',
  strace: 'strace',
  pssh: 'parallel-ssh',
  clustershell: 'clush',
  chromium: 'chromium',
};
/** The same for a Kubernetes lab. */
const KUBERNETES_PACKAGES = {
  containerd: 'containerd',
  runc: 'runc',
  'containernetworking-plugins': '/usr/lib/cni/ptp',
  iptables: 'iptables',
  conntrack: 'conntrack',
  'busybox-static': 'busybox',
};
/** What of them a machine with systemd would start at boot. */
const SERVICES = { 'openssh-server': ['ssh'], chrony: ['chrony'], containerd: ['containerd'] };

const withKubernetes = !process.argv.includes('--without-kubernetes');

step('system packages', installSystemPackages);
step('npm packages', installNpmPackages);
step('build', () => runNode('scripts/build.mjs', '--quiet'));
step(withKubernetes ? 'etcd, Kubernetes and their tools' : 'etcd and its tools', () =>
  runNode('scripts/build-tools.mjs', ...(withKubernetes ? [] : ['--without-kubernetes'])),
);

function installSystemPackages() {
  const missing = Object.entries({ ...SYSTEM_PACKAGES, ...(withKubernetes && KUBERNETES_PACKAGES) })
    .filter(([, program]) => !isOnPath(program))
    .map(([name]) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    process.stderr.write(
      `setup: not installed (that needs root on Debian): ${missing.join(' ')}\n` +
        'setup: the demo runs without them, on this machine alone; tests of hosts and labs do not\n',
    );
    return;
  }
  // A test tool must not make this machine an SSH or time server: no service is started, now or at boot.
  const policy = '/usr/sbin/policy-rc.d';
  const ownPolicy = !existsSync(policy);
  if (ownPolicy) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['-qq', '-y', '--no-install-recommends', 'install', ...missing];
    // Package lists may be old or missing: refreshed only when the first try fails.
    if (spawnSync('apt-get', install, { env, stdio: 'ignore' }).status !== 0) {
      runProgram('apt-get', ['-qq', 'update'], { env });
      runProgram('apt-get', install, { env });
    }
    if (existsSync('/usr/bin/systemctl'))
      spawnSync('systemctl', ['disable', ...missing.flatMap((name) => SERVICES[name] ?? [])], { stdio: 'ignore' });
  } finally {
    if (ownPolicy) rmSync(policy, { force: true });
  }
}

/** `npm ci`, unless this lockfile has been installed already. */
function installNpmPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules/.etcdperf-setup');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  runProgram('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

function step(name, work) {
  const start = Date.now();
  work();
  const seconds = (Date.now() - start) / 1000;
  if (seconds > 2) process.stderr.write(`setup: ${name} (${seconds.toFixed(0)} s)\n`);
}

function runNode(script, ...args) {
  const own = join(root, 'node_modules/node/bin/node');
  runProgram(existsSync(own) ? own : process.execPath, [join(root, script), ...args]);
}

function runProgram(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (status === 0) return;
  process.stderr.write(`setup: ${program} ${args.join(' ')} failed: ${error?.message ?? `exit ${status}`}\n`);
  process.exit(1);
}

function isOnPath(program) {
  if (program.startsWith('/')) return existsSync(program);
  const folders = `${process.env.PATH ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
