import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterMember, type LiveEndpoints, WireClient } from '../wire/index.ts';
import type { ClusterAccess } from './cluster-access.ts';

export interface FollowMembersOptions {
  /** All that connects with these endpoints follows. */
  readonly access: ClusterAccess & { readonly endpoints: LiveEndpoints };
  /** As the members were a moment ago. */
  readonly listed: readonly ClusterMember[];
  readonly intervalMs: number;
  /** The endpoints are others now. */
  readonly onChange: () => void;
  /** Told of the first time that the list could not be had, or was of no use: the endpoints stay as they are. */
  readonly onProblem: (why: string) => void;
}

/** setTimeout takes no more than 2^31 - 1 ms. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * Asks the cluster for its member list every so often, over a connection of its own, and makes the endpoints those that
 * its members advertise, until it is disposed of.
 */
export function followMembers(options: FollowMembersOptions): AsyncDisposable {
  return new MemberFollower(options);
}

class MemberFollower implements AsyncDisposable {
  readonly #options: FollowMembersOptions;
  readonly #scheme: string;
  readonly #ending = new AbortController();
  readonly #over: Promise<void>;
  #client: WireClient | undefined;
  /** What the list said last. */
  #advertised: readonly string[];
  #hasTold = false;

  constructor(options: FollowMembersOptions) {
    this.#options = options;
    this.#scheme = new URL(options.access.endpoints[0]!).protocol;
    this.#advertised = clientUrls(options.listed, this.#scheme);
    this.#over = this.#follow(this.#ending.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#over;
    await this.#client?.close();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const waitMs = Math.min(this.#options.intervalMs, LONGEST_WAIT_MS);
    while (!signal.aborted) {
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#sync(signal).catch((error: Error) => this.#onFailed(error));
    }
  }

  async #sync(signal: AbortSignal): Promise<void> {
    const { access, onChange } = this.#options;
    this.#client ??= await WireClient.connect(access, signal);
    // As the cluster knows it: a member that was cut off, or is none any more, still has the list that it had.
    const members = await this.#client.memberList({ linearizable: true, signal });
    const advertised = clientUrls(members, this.#scheme);
    if (advertised.length === 0) {
      this.#tell(`no member advertises an ${this.#scheme}// client URL`);
      return;
    }
    // What the list never had may be another way to a member that is still there.
    const gone = this.#advertised.filter((url) => !advertised.includes(url));
    this.#advertised = advertised;
    if (isSame(access.endpoints, advertised)) return;
    access.endpoints.replace(advertised, gone);
    onChange();
  }

  #onFailed({ message }: Error): void {
    if (this.#ending.signal.aborted) return;
    // Another may know more.
    this.#client?.moveOn(message);
    this.#tell(message);
  }

  #tell(problem: string): void {
    if (!this.#hasTold) this.#options.onProblem(problem);
    this.#hasTold = true;
  }
}

/** Of members that serve clients: they have started, and are no learners. */
function clientUrls(members: readonly ClusterMember[], scheme: string): readonly string[] {
  const serving = members.filter(({ name, isLearner }) => name !== '' && !isLearner);
  const urls = serving.flatMap((member) => member.clientUrls.flatMap((text) => URL.parse(text) ?? []));
  return [...new Set(urls.filter(({ protocol }) => protocol === scheme).map(({ origin }) => origin))];
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}
