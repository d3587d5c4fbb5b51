import { resolve } from 'node:path';
import { EtcdperfError, OperationError } from '@etcdperf/core/errors';
import { archOfUname, type ClusterHosts, resolveSnapshotTool, stopMember } from '@etcdperf/core/etcd';
import { fanOut } from '@etcdperf/core/ssh';
import type { Prospect } from './look-before-restore.ts';
import { type MemberDirs, RestoreSite, restoreArgv } from './restore-site.ts';

export interface RestorationOptions {
  readonly hosts: ClusterHosts;
  readonly prospects: readonly Prospect[];
  /** Of this restore: in the names of all that it makes. */
  readonly id: string;
  readonly snapshot: { readonly file: string; readonly sha256: string };
  readonly skipHashCheck: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onStep: ((text: string) => void) | undefined;
}

/** The part of a restore that changes hosts, and can take its changes back. Rejects with OperationError for all hosts. */
export class Restoration {
  readonly #options: RestorationOptions;
  readonly #hosts: readonly { readonly name: string }[];
  #hasSwapped = false;
  #stoppedAt: number | undefined;

  constructor(options: RestorationOptions) {
    this.#options = options;
    this.#hosts = [...new Set(options.prospects.map(({ dirs }) => dirs.member.host))].map((name) => ({ name }));
  }

  /** By performance.now(): when the first member was stopped; undefined where none was. */
  get stoppedAt(): number | undefined {
    return this.#stoppedAt;
  }

  /** Makes the new data directories beside the old ones, on all hosts at once; what runs there doesn't notice. */
  async prepare(): Promise<void> {
    const { hosts, id, signal, onStep } = this.#options;
    onStep?.('making data directories of the snapshot');
    await this.#onAll('be prepared', async (host, site) => {
      const { tool, snapshot } = await this.#bring(host);
      for (const dirs of this.#dirsOn(host)) {
        const options = { id, tool, snapshot, skipHashCheck: this.#options.skipHashCheck };
        await site.restore(dirs, restoreArgv(hosts.plan, dirs, options), signal);
      }
    });
  }

  async stop(): Promise<void> {
    const running = this.#options.prospects.filter(({ isRunning }) => isRunning);
    if (running.length === 0) return;
    this.#options.onStep?.(`stopping ${running.map(({ dirs }) => dirs.member.name).join(', ')}`);
    this.#stoppedAt = performance.now();
    await this.#onAll('be stopped', async (host) => {
      const members = running.flatMap(({ dirs }) => (dirs.member.host === host ? [dirs.member] : []));
      await Promise.all(members.map(({ daemon }) => stopMember(this.#options.hosts.site(host), daemon)));
    });
  }

  async swap(): Promise<void> {
    const { hosts, onStep } = this.#options;
    onStep?.('putting the data in place');
    this.#hasSwapped = true;
    await this.#onAll('get the data', async (host, site) => {
      for (const dirs of this.#dirsOn(host)) await site.swap(hosts.plan, dirs);
    });
  }

  /** Everything as it was, but for members that were stopped. Says what could not be put back. */
  async takeBack(): Promise<string | undefined> {
    if (!this.#hasSwapped) return undefined;
    this.#options.onStep?.('putting the old data back');
    try {
      await this.#onAll('get the old data back', async (host, site) => {
        for (const dirs of this.#dirsOn(host)) await site.putBack(dirs);
      });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Removes what only the restore needed. Says what could not be removed. */
  async clean(): Promise<string | undefined> {
    try {
      await this.#onAll('be cleaned up', (host, site) => site.clean(this.#staging(host), this.#dirsOn(host)));
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** The program and the snapshot, where that host finds them. */
  async #bring(host: string): Promise<{ tool: string; snapshot: string }> {
    const { hosts, snapshot, signal, onStep } = this.#options;
    const { executor } = hosts.site(host);
    const { version } = hosts.plan.config;
    const onDownload = () => onStep?.(`downloading etcd ${version}`);
    if (executor.kind === 'local') {
      const tool = await resolveSnapshotTool({ version, signal, onDownload });
      return { tool: tool.path, snapshot: resolve(snapshot.file) };
    }
    const { stdout } = await executor.run(['uname', '-m'], { signal });
    const tool = await resolveSnapshotTool({
      version,
      platform: 'linux',
      arch: archOfUname(stdout),
      signal,
      onDownload,
    });
    const staging = this.#staging(host);
    const content = { path: snapshot.file, sha256: snapshot.sha256 };
    await executor.push({ path: tool.path }, `${staging}/${tool.program}`, { mode: 0o755, signal });
    // It holds all that the cluster holds, secrets too.
    await executor.push(content, `${staging}/snapshot.db`, { mode: 0o600, signal });
    return { tool: `${staging}/${tool.program}`, snapshot: `${staging}/snapshot.db` };
  }

  /** With the host's name in it: two hosts of an inventory may be one machine. */
  #staging(host: string): string {
    return `${this.#options.hosts.site(host).workDir}/restore-${this.#options.id}-${host}`;
  }

  #dirsOn(host: string): MemberDirs[] {
    return this.#options.prospects.flatMap(({ dirs }) => (dirs.member.host === host ? [dirs] : []));
  }

  /** Every host is tried to its end, whatever becomes of others: what is taken back must not be under way any more. */
  async #onAll(what: string, work: (host: string, site: RestoreSite) => Promise<void>): Promise<void> {
    const { hosts } = this.#options;
    const results = await fanOut(this.#hosts, ({ name }) => work(name, new RestoreSite(name, hosts.site(name))));
    const failures = results.flatMap((result) => (result.status === 'failed' ? [result] : []));
    for (const { error } of failures) if (!(error instanceof EtcdperfError)) throw error;
    if (failures.length === 0) return;
    const hint = failures.map(({ error }) => (error as EtcdperfError).hint).find((one) => one !== undefined);
    throw new OperationError(
      `${failures.length} of ${this.#hosts.length} hosts could not ${what}: ${failures.map(({ host, error }) => `${host}: ${error.message}`).join('; ')}`,
      { where: failures.map(({ host }) => host).join(', '), hint, cause: failures[0]?.error },
    );
  }
}
