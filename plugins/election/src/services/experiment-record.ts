import type { ElectionEvent } from '../protocol/index.ts';
import type { AgentRound, Gap, Interval, Moment, Origin, Term } from './observations.ts';

/** What all processes of an election have told so far, put together by who, and by round. */
export class ExperimentRecord {
  readonly gaps: Gap[] = [];
  readonly intervals: Interval[] = [];
  /** Agents that gave up, and why. */
  readonly lost = new Map<string, string>();
  readonly errors: (Origin & { readonly message: string })[] = [];
  /** How often an agent's watch went on after a cut. */
  resumed = 0;
  readonly #terms: Term[] = [];
  readonly #agents = new Map<number, Map<string, AgentRound>>();
  readonly #recorded = new Map<number, Set<string>>();
  readonly #granted = new Map<string, number>();
  readonly #lastSeen = new Map<string, bigint>();
  readonly #waitingSince = new Map<string, bigint>();
  /** Candidate → round → when it was told of the vacancy. */
  readonly #notified = new Map<string, Map<number, Moment>>();

  /** Takes in one event of a process. The events of one process come in its order; processes in any. */
  add(origin: Origin, event: ElectionEvent): void {
    const atNs = BigInt(event.tNs);
    switch (event.e) {
      case 'granted':
        this.#granted.set(event.identity, event.ttlSeconds);
        break;
      case 'notified':
        roundsOf(this.#notified, event.identity).set(event.round, { host: origin.host, atNs });
        break;
      case 'elected':
        this.#terms.push({
          ...origin,
          candidate: event.identity,
          round: event.round,
          rev: event.rev,
          notifiedNs: this.#notified.get(event.identity)?.get(event.round)?.atNs,
          electedNs: atNs,
          grantedTtlSeconds: this.#granted.get(event.identity) ?? 0,
          payloadNs: undefined,
          recovered: undefined,
          endedNs: undefined,
        });
        break;
      case 'payload':
        this.#update(event.identity, event.round, (term) => {
          term.payloadNs = atNs;
        });
        break;
      case 'recovered':
        this.#update(event.identity, event.round, (term) => {
          term.recovered = { keys: event.keys, bytes: event.bytes, ms: event.ms };
        });
        break;
      case 'lost':
        if ('why' in event) this.lost.set(event.identity, event.why);
        else this.#update(event.identity, event.round, (term) => endTerm(term, atNs));
        break;
      case 'stopped':
        if (event.identity !== undefined) this.endTerms(event.identity, atNs);
        break;
      case 'agent':
        roundsOf(this.#agents, event.round).set(event.identity, {
          host: origin.host,
          identity: event.identity,
          master: event.master,
          round: event.round,
          fromNs: BigInt(event.notifiedNs ?? event.startNs ?? event.gotNs),
          isFirst: event.notifiedNs === undefined,
          gotNs: BigInt(event.gotNs),
        });
        break;
      case 'recorded':
        this.#recorded.set(event.round, (this.#recorded.get(event.round) ?? new Set()).add(event.identity));
        break;
      case 'gap':
        this.gaps.push({ identity: event.identity, fromRev: event.fromRev, toRev: event.toRev });
        break;
      case 'resumed':
        this.resumed++;
        break;
      case 'interval':
        this.intervals.push({
          ...origin,
          atNs,
          cpuPercent: event.cpuPercent,
          eventLoopLagP99Ms: event.eventLoopLagP99Ms,
        });
        break;
      case 'error':
        this.errors.push({ ...origin, message: event.message });
        break;
      case 'waiting':
        this.#waitingSince.set(event.identity, atNs);
        break;
      case 'started':
        // Started anew without a word of its end: it was killed some time after its last event.
        if (event.process === 'candidate') this.endTerms(event.identity, this.#lastSeen.get(event.identity) ?? atNs);
        break;
      case 'missed':
      case 'disconnected':
      case 'replicated':
      case 'followed':
        break;
      default:
        // A process of a later version may tell more; what is not known here changes none of these figures.
        event satisfies never;
    }
    if ('identity' in event && event.identity !== undefined) this.#lastSeen.set(event.identity, atNs);
  }

  /** The candidate was killed (or is known to be dead since): whatever it believed ended then. */
  endTerms(candidate: string, atNs: bigint): void {
    for (const term of this.#terms) if (term.candidate === candidate) endTerm(term, atNs);
  }

  get terms(): readonly Term[] {
    return this.#terms;
  }

  /** The newest round that somebody was elected in; 0 before the first. */
  lastRound(): number {
    return this.#terms.reduce((last, term) => Math.max(last, term.round), 0);
  }

  /** Who was elected in a round; with more than one, who etcd says came last. */
  termOf(round: number): Term | undefined {
    return this.#terms.filter((term) => term.round === round).reduce<Term | undefined>(later, undefined);
  }

  /** What agents went through in a round, by identity. */
  agentsOf(round: number): ReadonlyMap<string, AgentRound> {
    return this.#agents.get(round) ?? new Map();
  }

  /** Agents whose record of a round stands in etcd. */
  recordedOf(round: number): ReadonlySet<string> {
    return this.#recorded.get(round) ?? new Set();
  }

  /** Every round that an agent has told of, ascending. */
  rounds(): number[] {
    return [...this.#agents.keys()].sort((a, b) => a - b);
  }

  /** What etcd granted a candidate last. */
  grantedTtlSeconds(candidate: string): number | undefined {
    return this.#granted.get(candidate);
  }

  /** When a candidate last told that it waits for the office. */
  waitingSince(candidate: string): bigint | undefined {
    return this.#waitingSince.get(candidate);
  }

  /** The first moment that anybody was told that the master is gone: a candidate before `first`, an agent before `last`. */
  firstNotified(first: number, last: number): Moment | undefined {
    const told = [...this.#notified.values()].map((rounds) => rounds.get(first));
    const agents = [...this.agentsOf(last).values()].filter((agent) => !agent.isFirst);
    return [...told, ...agents.map(({ host, fromNs }) => ({ host, atNs: fromNs }))].reduce(earlier, undefined);
  }

  #update(candidate: string, round: number, change: (term: Term) => void): void {
    const term = this.#terms.findLast((one) => one.candidate === candidate && one.round === round);
    if (term !== undefined) change(term);
  }
}

function endTerm(term: Term, atNs: bigint): void {
  if (term.endedNs === undefined || atNs < term.endedNs) term.endedNs = atNs;
}

function earlier(a: Moment | undefined, b: Moment | undefined): Moment | undefined {
  return a === undefined || (b !== undefined && b.atNs < a.atNs) ? b : a;
}

function later(a: Term | undefined, b: Term): Term {
  return a === undefined || b.rev > a.rev ? b : a;
}

function roundsOf<Key, Inner, Value>(map: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  let inner = map.get(key);
  if (inner === undefined) {
    inner = new Map();
    map.set(key, inner);
  }
  return inner;
}
