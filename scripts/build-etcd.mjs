#!/usr/bin/env node
// Builds the etcd that tests and demo run against, at the version test/tools/etcd/go.mod pins, into etcdperf's cache.
// Does nothing where it is there already. Without Go, etcdperf itself downloads the official release when it needs it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const module = join(import.meta.dirname, '../test/tools/etcd');
const version = /go\.etcd\.io\/etcd\/server\/v3 v(\S+)/.exec(readFileSync(join(module, 'go.mod'), 'utf8'))?.[1];
if (version === undefined) fail('test/tools/etcd/go.mod pins no etcd server');

const env = process.env;
// The same rule as cacheDir() in src/core/config: this script must run before anything is built.
const cache = env.ETCDPERF_CACHE_DIR
  ? resolve(env.ETCDPERF_CACHE_DIR)
  : join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'etcdperf');
const folder = join(cache, 'etcd', version);
const binary = join(folder, 'etcd');

if (!isThere()) {
  if (spawnSync('go', ['version']).status !== 0) {
    console.log(`etcd ${version}: no Go here to build it with; etcdperf downloads it when it is needed`);
    process.exit(0);
  }
  mkdirSync(folder, { recursive: true });
  await withLock(join(folder, '.building'), () => {
    if (!isThere()) build();
  });
}
console.log(`etcd ${version}: ${binary}`);

function isThere() {
  return existsSync(binary) && spawnSync(binary, ['--version']).status === 0;
}

function build() {
  console.log(`etcd ${version}: building it with Go (a minute or two, once)`);
  const unfinished = join(folder, `.etcd-${process.pid}`);
  const args = ['build', '-C', module, '-trimpath', '-ldflags=-s -w', '-o', unfinished, 'go.etcd.io/etcd/server/v3'];
  const { status } = spawnSync('go', args, { stdio: 'inherit', env: { ...env, CGO_ENABLED: '0' } });
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    fail(`go build of etcd ${version} failed`);
  }
  // Renamed into place: whoever looks at the same time sees no binary or a whole one.
  renameSync(unfinished, binary);
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
  process.once('exit', () => rmSync(lock, { force: true }));
  work();
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
