#!/usr/bin/env node
// Puts what tests, demo and measurements run of etcd's and Kubernetes' own programs into etcdperf's cache,
// `etcd/<version>/<program>` and `kubernetes/<version>/<program>`: built with Go at the versions that
// test/tools/*/go.mod pin, etcd 3.4 out of Debian's packages. Does nothing where they are there already. Without Go,
// etcdperf itself downloads the official release of an etcd server when it needs it; there is no Kubernetes then.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const KUBERNETES = {
  cache: 'kubernetes',
  folder: 'kubernetes',
  module: 'k8s.io/kubernetes',
  // What a release is stamped with: without it the programs think that they are of no version and refuse each other.
  variables: (version) => {
    const [major, minor] = version.split('.');
    return { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  },
};
/**
 * `cache`: the folder in etcdperf's cache; `folder`: under test/tools; `module`: the Go module whose version it is the
 * version of; `package`: the Go package that is the program, the module itself where it isn't said; `pinnedBy`: the
 * folder that says which version it is filed under, where that is another.
 */
const GO_TOOLS = [
  { program: 'etcd', cache: 'etcd', folder: 'etcd', module: 'go.etcd.io/etcd/server/v3' },
  { program: 'etcd', cache: 'etcd', folder: 'etcd-3.5', module: 'go.etcd.io/etcd/server/v3' },
  { program: 'etcd', cache: 'etcd', folder: 'etcd-3.7', module: 'go.etcd.io/etcd/server/v3' },
  // Of the server's own module and version: nearly all of it is compiled by then.
  { program: 'etcdutl', cache: 'etcd', folder: 'etcd', module: 'go.etcd.io/etcd/etcdutl/v3' },
  { program: 'etcdutl', cache: 'etcd', folder: 'etcd-3.5', module: 'go.etcd.io/etcd/etcdutl/v3' },
  { program: 'etcdctl', cache: 'etcd', folder: 'etcd-benchmark', module: 'go.etcd.io/etcd/etcdctl/v3' },
  {
    ...{ program: 'benchmark', cache: 'etcd', folder: 'etcd-benchmark', module: 'go.etcd.io/etcd/v3' },
    package: 'go.etcd.io/etcd/v3/tools/benchmark',
  },
  ...['apiserver', 'controller-manager', 'scheduler', 'proxy'].map((name) => kubernetesTool(`kube-${name}`)),
  ...['kubelet', 'kubectl'].map(kubernetesTool),
  { ...KUBERNETES, program: 'coredns', pinnedBy: 'kubernetes', folder: 'coredns', package: '.', variables: undefined },
];
/** etcd 3.4's etcdctl does what etcdutl does since. */
const DEBIAN_TOOLS = [
  { program: 'etcd', package: 'etcd-server', says: ['--version'] },
  { program: 'etcdctl', package: 'etcd-client', says: ['version'] },
];
const DEBIAN_SERIES = '3.4.';

const env = process.env;
// The same rule as cacheDir() in src/core/config: this script must run before anything is built.
const cacheDir = env.ETCDPERF_CACHE_DIR
  ? resolve(env.ETCDPERF_CACHE_DIR)
  : join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'etcdperf');
const cache = join(cacheDir, 'etcd');

const withKubernetes = !process.argv.includes('--without-kubernetes');

for (const tool of GO_TOOLS) if (withKubernetes || tool.cache !== KUBERNETES.cache) await provideGoTool(tool);
for (const tool of DEBIAN_TOOLS) await provideDebianTool(tool);

function kubernetesTool(program) {
  return { ...KUBERNETES, program, package: `k8s.io/kubernetes/cmd/${program}` };
}

async function provideGoTool(tool) {
  const source = join(import.meta.dirname, '../test/tools', tool.folder);
  const pin = new RegExp(`^\\s*${tool.module.replaceAll('.', '\\.')} v(\\S+)`, 'm');
  const pinned = join(source, '..', tool.pinnedBy ?? tool.folder, 'go.mod');
  const version = pin.exec(readFileSync(pinned, 'utf8'))?.[1];
  if (version === undefined) fail(`${pinned} pins no ${tool.module}`);
  const folder = join(cacheDir, tool.cache, version);
  const binary = join(folder, tool.program);
  if (existsSync(binary)) return console.log(`${tool.program} ${version}: ${binary}`);
  if (spawnSync('go', ['version']).status !== 0)
    return console.log(`${tool.program} ${version}: no Go here to build it`);
  mkdirSync(folder, { recursive: true });
  await withLock(join(folder, `.building-${tool.program}`), () => {
    if (existsSync(binary)) return;
    console.log(`${tool.program} ${version}: building it with Go (a minute or two, once)`);
    const unfinished = join(folder, `.${tool.program}-${process.pid}`);
    const variables = Object.entries(tool.variables?.(version) ?? {});
    const stamps = variables.map(([name, value]) => ` -X k8s.io/component-base/version.${name}=${value}`);
    const flags = ['-trimpath', `-ldflags=-s -w${stamps.join('')}`, '-o', unfinished, tool.package ?? tool.module];
    const { status } = spawnSync('go', ['build', '-C', source, ...flags], {
      stdio: 'inherit',
      env: { ...env, CGO_ENABLED: '0' },
    });
    if (status !== 0) {
      rmSync(unfinished, { force: true });
      fail(`go build of ${tool.program} ${version} failed`);
    }
    // Renamed into place: whoever looks at the same time sees no binary or a whole one.
    renameSync(unfinished, binary);
  });
  console.log(`${tool.program} ${version}: ${binary}`);
}

/**
 * Its binary alone, out of the package: an installed one would be a service of this machine, and the first etcd in
 * PATH for whoever looks for one.
 */
async function provideDebianTool({ program, package: packageName, says }) {
  const there = existsSync(cache)
    ? readdirSync(cache).find((name) => name.startsWith(DEBIAN_SERIES) && existsSync(join(cache, name, program)))
    : undefined;
  if (there !== undefined) return console.log(`${program} ${there}: ${join(cache, there, program)}`);
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-deb')) return;
  mkdirSync(cache, { recursive: true });
  await withLock(join(cache, '.unpacking'), () => {
    const folder = mkdtempSync(join(tmpdir(), 'etcdperf-package-'));
    try {
      const download = () => spawnSync('apt-get', ['-qq', 'download', packageName], { cwd: folder }).status;
      // Package lists may be old or missing: refreshed only when the first try fails.
      if (download() !== 0) {
        spawnSync('apt-get', ['-qq', 'update'], { stdio: 'ignore' });
        if (download() !== 0) return console.log(`${program} 3.4: apt-get download ${packageName} failed`);
      }
      const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
      if (spawnSync('dpkg-deb', ['-x', archive, '.'], { cwd: folder }).status !== 0) fail(`can't unpack ${archive}`);
      const unpacked = join(folder, 'usr/bin', program);
      const said = spawnSync(unpacked, says, { encoding: 'utf8', env: { ...env, ETCDCTL_API: '3' } }).stdout ?? '';
      const version = /^(?:etcd|etcdctl) version: (\S+)/im.exec(said)?.[1];
      if (!version?.startsWith(DEBIAN_SERIES))
        return console.log(
          `${program} 3.4: this Debian has ${version ?? 'another'}; it is downloaded when it is needed`,
        );
      const binary = join(cache, version, program);
      mkdirSync(join(cache, version), { recursive: true });
      const unfinished = `${binary}-${process.pid}`;
      writeFileSync(unfinished, readFileSync(unpacked), { mode: 0o755 });
      renameSync(unfinished, binary);
      console.log(`${program} ${version}: ${binary}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** One builder at a time; a lock whose holder is gone is taken over. */
async function withLock(lock, work) {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!holderLives(lock)) rmSync(lock, { force: true });
      else await new Promise((done) => setTimeout(done, 500));
    }
  }
  const unlock = () => rmSync(lock, { force: true });
  process.once('exit', unlock);
  work();
  unlock();
  process.off('exit', unlock);
}

function holderLives(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')) || process.pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
