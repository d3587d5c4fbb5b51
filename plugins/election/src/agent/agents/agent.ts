import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchEvent, Watcher, WatchHandlers, WireClient } from '@etcdperf/core/wire';
import { type AgentEvent, formatAgentRecord } from '../../protocol/index.ts';
import { toNs } from '../event-log.ts';
import { persist } from '../persist.ts';
import type { AgentsContext } from './agents-context.ts';
import { payloadArrived } from './payload-arrived.ts';
import { type MasterView, readMaster } from './read-master.ts';

/** An agent's event without its time and name. */
type News = AgentEvent extends infer E ? (E extends AgentEvent ? Omit<E, 'tNs' | 'identity'> : never) : never;

/** Since when an agent looks for a master, and the revision that made the office vacant (0 if it never saw that). */
interface Search {
  readonly sinceUs: number;
  readonly deleteRev: number;
}

/**
 * One simulated agent: reads the master and its payload, records that, watches the master key from the next revision,
 * and does it again for each new master. There are thousands in a process: it has few fields, is its own watch
 * handler, and what else it needs lives only while it needs it.
 */
export class Agent implements WatchHandlers {
  readonly #context: AgentsContext;
  readonly #client: WireClient;
  readonly #index: number;
  /** When the process first tried to start it; retries never reset that. */
  readonly #startUs: number;
  #watcher: Watcher | undefined;
  /** When it was notified that the office is vacant (or, at its start, when it began); 0 when it has its master. */
  #sinceUs: number;
  #deleteRev = 0;
  /** The newest revision that its watch told of. */
  #toldRev = 0;
  /** The revision of its last read: nothing older is news. */
  #readRev = 0;
  /** The last round it took; -1 before its first. */
  #round = -1;
  #reading = false;
  #readAgain = false;

  constructor(context: AgentsContext, client: WireClient, index: number, startUs: number) {
    this.#context = context;
    this.#client = client;
    this.#index = index;
    this.#startUs = startUs;
    this.#sinceUs = startUs;
  }

  get identity(): string {
    const { identityPrefix, host } = this.#context.config;
    return `${identityPrefix ?? host}-${this.#index}`;
  }

  /** Reads for the first time, and watches from there on. Resolves when it has a master, or knows that there is none. */
  start(): Promise<void> {
    return this.#read();
  }

  onEvents(events: readonly WatchEvent[]): void {
    const nowUs = this.#context.clock.nowUs();
    let occupied = false;
    for (const { type, kv } of events) {
      if (kv.modRevision <= this.#readRev) continue;
      this.#toldRev = kv.modRevision;
      occupied = type === 'put';
      if (this.#sinceUs === 0) this.#search(nowUs, type === 'delete' ? kv.modRevision : 0);
    }
    // While the office is vacant there is nothing to read: the watch tells when there is.
    if (occupied) void this.#read();
  }

  onGap({ fromRevision, toRevision }: { readonly fromRevision: number; readonly toRevision: number }): void {
    const nowUs = this.#context.clock.nowUs();
    this.#context.tally.gaps += 1;
    this.#tell({ e: 'gap', fromRev: fromRevision, toRev: toRevision });
    if (this.#sinceUs === 0) this.#search(nowUs, 0);
    void this.#read();
  }

  /** The watch can't go on: only a read tells what is, and where to watch from. */
  onCanceled(): void {
    this.#watcher = undefined;
    if (!this.#context.stop.aborted) void this.#read();
  }

  onDisconnected(why: string): void {
    this.#tell({ e: 'disconnected', why });
  }

  onResumed(fromRev: number): void {
    this.#tell({ e: 'resumed', fromRev, endpoint: this.#client.endpoint });
  }

  #search(sinceUs: number, deleteRev: number): void {
    this.#sinceUs = sinceUs;
    this.#deleteRev = deleteRev;
  }

  /** Reads, as often as the office changes meanwhile. */
  async #read(): Promise<void> {
    this.#readAgain = true;
    if (this.#reading) return;
    this.#reading = true;
    const { config, keys, problems, stop } = this.#context;
    for (let attempts = 1; this.#readAgain && !stop.aborted; attempts++) {
      this.#readAgain = false;
      const search: Search = { sinceUs: this.#sinceUs, deleteRev: this.#deleteRev };
      // From here on, what the watch tells may be the next vacancy.
      this.#search(0, 0);
      if (config.jitterMs > 0 && this.#round >= 0) await sleep(Math.random() * config.jitterMs);
      const view = await persist(() => readMaster(this.#client, keys), problems, stop);
      if (view) this.#watcher ??= this.#client.watch({ key: keys.master, startRevision: view.revision + 1 }, this);
      if (!view || !(await this.#take(view, search, attempts))) {
        this.#search(search.sinceUs, search.deleteRev);
        // Vacant: the watch tells when it no longer is. Changed while the payload was awaited: again.
        this.#readAgain ||= view?.master !== undefined && this.#toldRev > view.revision;
      }
    }
    this.#reading = false;
  }

  /** Takes what was read. Answers false if it is no end of the search: the office is vacant, or changed meanwhile. */
  async #take(view: MasterView, search: Search, attempts: number): Promise<boolean> {
    const { clock, config, keys, stop, tally } = this.#context;
    const { master, revision, round } = view;
    this.#readRev = revision;
    if (master === undefined) return false;
    let { payload } = view;
    if (payload !== 'current' && round > this.#round) {
      const arrived = await payloadArrived(this.#client, keys.payload, revision + 1, config.payloadWaitMs, stop);
      if (this.#toldRev > revision || stop.aborted) return false;
      if (arrived) payload = 'current';
    }
    const gotUs = clock.nowUs();
    // What the watch told while the read was under way may be older than what was read.
    if (this.#toldRev <= revision) {
      this.#search(0, 0);
      this.#readAgain = false;
    }
    if (round <= this.#round) return true;
    if (this.#round >= 0 && round > this.#round + 1) {
      tally.missed += round - this.#round - 1;
      this.#tell({ e: 'missed', fromRound: this.#round + 1, toRound: round - 1 });
    }
    const isFirst = this.#round < 0;
    const fromUs = isFirst ? this.#startUs : search.sinceUs;
    this.#round = round;
    const since = isFirst ? { startNs: toNs(fromUs) } : { notifiedNs: toNs(fromUs) };
    const { deleteRev } = search;
    this.#tell(
      { e: 'agent', round, master, ...since, gotNs: toNs(gotUs), rev: revision, deleteRev, attempts, payload },
      gotUs,
    );
    void this.#record(round, master, fromUs, gotUs);
    return true;
  }

  async #record(round: number, master: string, fromUs: number, gotUs: number): Promise<void> {
    const { keys, problems, stop, tally } = this.#context;
    const { identity } = this;
    const value = formatAgentRecord({ master, identity, fromUs, gotUs });
    // It reads the same however often it is written.
    const put = () => this.#client.put(keys.agent(round, identity), value);
    if (!(await persist(put, problems, stop))) return;
    tally.register(round);
    this.#tell({ e: 'recorded', round });
  }

  #tell(news: News, atUs?: number): void {
    this.#context.log.write({ ...news, identity: this.identity }, atUs);
  }
}
