import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where this machine keeps what must outlive a command (local clusters, the lab): absolute, not created here. */
export function stateDir(env: Environment = process.env): string {
  return env.ETCDPERF_STATE_DIR
    ? resolve(env.ETCDPERF_STATE_DIR)
    : join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'etcdperf');
}

/** Where this machine keeps what can be made again (etcd binaries): absolute, not created here. */
export function cacheDir(env: Environment = process.env): string {
  return env.ETCDPERF_CACHE_DIR
    ? resolve(env.ETCDPERF_CACHE_DIR)
    : join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'etcdperf');
}

/** Where run folders go unless an inventory says otherwise: `./runs`, absolute. */
export function defaultRunsDir(): string {
  return resolve('runs');
}
