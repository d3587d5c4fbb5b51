import { EtcdperfError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { type MemberMetrics, scrapeMember } from './member-metrics.ts';
import { type ClusterSurvey, surveyCluster } from './member-survey.ts';
import { type MemberReading, type MemberWindow, memberWindow } from './member-window.ts';

/** Looks at the members before and after something is done with them. */
export interface MemberObserver {
  /** The window begins. Never rejects. */
  start(): Promise<void>;
  /** The window ends: one entry for each member, `problem` where there are no figures. Never rejects. */
  finish(): Promise<readonly MemberWindow[]>;
}

/**
 * Reads the /metrics of every endpoint, and of the further members that these list and that can be reached. An aborted
 * signal ends `start()` early; `finish()` goes on, since an interrupted run has a report, too.
 *
 * @param survey of the cluster, where one was made a moment ago
 */
export function observeMembers(access: ClusterAccess, signal?: AbortSignal, survey?: ClusterSurvey): MemberObserver {
  return new Observer(access, signal, survey);
}

class Observer implements MemberObserver {
  readonly #access: ClusterAccess;
  readonly #signal: AbortSignal | undefined;
  readonly #survey: ClusterSurvey | undefined;
  #members: readonly { readonly name: string; readonly endpoint: string }[];
  #before = new Map<string, MemberReading>();

  constructor(access: ClusterAccess, signal: AbortSignal | undefined, survey: ClusterSurvey | undefined) {
    this.#access = access;
    this.#signal = signal;
    this.#survey = survey;
    this.#members = access.endpoints.map((endpoint) => ({ name: endpoint, endpoint }));
  }

  async start(): Promise<void> {
    this.#members = await this.#find().catch(() => this.#members);
    this.#before = await this.#read(this.#signal);
  }

  async finish(): Promise<readonly MemberWindow[]> {
    const after = await this.#read(undefined);
    return this.#members.map(({ name, endpoint }) =>
      memberWindow({ name, endpoint, before: this.#before.get(endpoint), after: after.get(endpoint)! }),
    );
  }

  async #find() {
    const { members } = this.#survey ?? (await surveyCluster(this.#access, this.#signal));
    return members.filter(({ isGiven, status }) => isGiven || status.kind === 'up');
  }

  async #read(signal: AbortSignal | undefined): Promise<Map<string, MemberReading>> {
    const read = async (endpoint: string): Promise<[string, MemberReading]> => [
      endpoint,
      await scrapeMember(this.#access, endpoint, { signal }).then(
        (metrics: MemberMetrics) => ({ kind: 'read' as const, metrics }),
        (error: unknown) => ({ kind: 'failed' as const, problem: problemOf(error) }),
      ),
    ];
    return new Map(await Promise.all(this.#members.map(({ endpoint }) => read(endpoint))));
  }
}

function problemOf(error: unknown): string {
  return error instanceof EtcdperfError ? error.message : String(error);
}
