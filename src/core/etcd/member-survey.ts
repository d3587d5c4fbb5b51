import { InputError, OperationError } from '../errors/index.ts';
import { type ClusterMember, WireClient, WireError } from '../wire/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { describeWireError } from './describe-wire-error.ts';
import { type EndpointStatus, type UpEndpoint, upFromWire } from './member-status.ts';

/** A member, and what it said when it was asked. */
export interface SurveyedMember {
  /** As etcd lists it; the endpoint where nobody knows. */
  readonly name: string;
  readonly endpoint: string;
  /** The endpoint is one of the user's; else it was found in etcd's own list. */
  readonly isGiven: boolean;
  readonly status: EndpointStatus;
}

/** A cluster as its members tell it. */
export interface ClusterSurvey {
  /** One for each endpoint given, in their order, then the further members that etcd lists. */
  readonly members: readonly SurveyedMember[];
  /** The leader's member id, in hexadecimal; undefined while there is none. */
  readonly leader: string | undefined;
  /** The members as etcd lists them; empty where that may not be asked. */
  readonly listed: readonly ClusterMember[];
}

const DIAL_TIMEOUT_MS = 2000;
/** What etcd's list has beyond the user's endpoints is often not reachable from here: not worth a long wait. */
const LISTED_DIAL_TIMEOUT_MS = 1000;

/**
 * Asks every endpoint, and every further member that these list, at the same time. Rejects with an InputError when
 * endpoints mix http and https, with an OperationError when none answers or the login is refused, and with the signal's
 * reason.
 */
export async function surveyCluster(access: ClusterAccess, signal?: AbortSignal): Promise<ClusterSurvey> {
  checkSchemes(access.endpoints);
  const dialTimeoutMs = access.dialTimeoutMs ?? DIAL_TIMEOUT_MS;
  const given = await Promise.all(
    access.endpoints.map((endpoint) => askMember(access, endpoint, dialTimeoutMs, signal)),
  );
  signal?.throwIfAborted();
  const refusal = given.find((answer) => answer.refusal !== undefined)?.refusal;
  if (refusal !== undefined) throw refusal;
  if (given.every((answer) => answer.status.kind === 'down')) throw unreachable(given.map((answer) => answer.status));
  const listed = given.find((answer) => answer.listed.length > 0)?.listed ?? [];
  const further = await Promise.all(
    furtherEndpoints(listed, given, access.endpoints).map((endpoint) =>
      askMember(access, endpoint, Math.min(dialTimeoutMs, LISTED_DIAL_TIMEOUT_MS), signal),
    ),
  );
  signal?.throwIfAborted();
  const members = [
    ...given.map(({ status }) => ({ name: nameOf(status, listed), endpoint: status.endpoint, isGiven: true, status })),
    ...further.map(({ status }) => ({
      name: nameOf(status, listed),
      endpoint: status.endpoint,
      isGiven: false,
      status,
    })),
  ];
  return { members, leader: leaderOf(members), listed };
}

interface MemberAnswer {
  readonly status: EndpointStatus;
  readonly listed: readonly ClusterMember[];
  /** The login is refused: that is the user's to mend, not the member's. */
  readonly refusal?: OperationError;
}

async function askMember(
  access: ClusterAccess,
  endpoint: string,
  dialTimeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<MemberAnswer> {
  try {
    const { tls, auth } = access;
    await using client = await WireClient.connect(
      { endpoints: [endpoint], tls, auth, dialTimeoutMs, requestTimeoutMs: dialTimeoutMs },
      signal,
    );
    const [status, listed] = await Promise.all([
      client.status({ signal }),
      // A user's rights may not reach so far; then there are no names.
      client.memberList({ signal }).catch(() => []),
    ]);
    return { status: upFromWire(endpoint, status), listed };
  } catch (error) {
    if (!(error instanceof WireError)) {
      if (signal?.aborted) return { status: { kind: 'down', endpoint, error: 'aborted' }, listed: [] };
      throw error;
    }
    const why = describeWireError(error, endpoint);
    return {
      status: { kind: 'down', endpoint, error: why },
      listed: [],
      ...(error.reason === 'unauthenticated' && { refusal: loginRefused(access, error, endpoint, why) }),
    };
  }
}

function loginRefused({ auth }: ClusterAccess, cause: WireError, endpoint: string, why: string): OperationError {
  return new OperationError(auth === undefined ? 'etcd wants a login' : `etcd refuses the login: ${why}`, {
    where: endpoint,
    cause,
    hint: 'give the right name with --user, and its password with --password-file or $ETCDPERF_PASSWORD',
  });
}

function unreachable(statuses: readonly EndpointStatus[]): OperationError {
  const reasons = statuses.map((status) => (status.kind === 'down' ? status.error : ''));
  const [first = ''] = reasons;
  const text = reasons.every((reason) => reason === first)
    ? first
    : statuses.map((status, index) => `${status.endpoint}: ${reasons[index]}`).join('; ');
  return new OperationError(`etcd can't be reached: ${text}`, {
    where: statuses.map((status) => status.endpoint).join(', '),
    hint: /certificate/.test(text)
      ? 'look at --cacert, --cert and --key'
      : 'is the cluster running, and are the endpoints its client URLs (https:// if it uses TLS)?',
  });
}

/** A benchmark over endpoints of both kinds would compare apples and pears, and is a slip in nearly every case. */
function checkSchemes(endpoints: readonly string[]): void {
  const secure = endpoints.filter((endpoint) => endpoint.startsWith('https:'));
  if (secure.length === 0 || secure.length === endpoints.length) return;
  const plain = endpoints.filter((endpoint) => !endpoint.startsWith('https:'));
  throw new InputError(`endpoints mix https (${secure.join(', ')}) and http (${plain.join(', ')})`, {
    where: '--endpoints',
    hint: 'a cluster serves its clients with TLS or without: write all of them with https:// or all with http://',
  });
}

/** Of each listed member that no given endpoint turned out to be, the client URL that is like the user's endpoints. */
function furtherEndpoints(
  listed: readonly ClusterMember[],
  given: readonly MemberAnswer[],
  endpoints: readonly string[],
): string[] {
  const known = new Set(given.map(({ status }) => (status.kind === 'up' ? status.memberId : '')));
  const scheme = endpoints[0]?.startsWith('https:') ? 'https:' : 'http:';
  return listed.flatMap((member) => {
    if (known.has(member.id.toString(16)) || member.clientUrls.some((url) => endpoints.includes(url))) return [];
    const url = member.clientUrls.find((one) => one.startsWith(scheme));
    return url === undefined || !URL.canParse(url) ? [] : [url];
  });
}

function nameOf(status: EndpointStatus, listed: readonly ClusterMember[]): string {
  const found =
    status.kind === 'up'
      ? listed.find((member) => member.id.toString(16) === status.memberId)
      : listed.find((member) => member.clientUrls.includes(status.endpoint));
  return found === undefined || found.name === '' ? status.endpoint : found.name;
}

/** Whom the member with the latest term follows: others may still believe in the leader they had. */
function leaderOf(members: readonly SurveyedMember[]): string | undefined {
  let latest: UpEndpoint | undefined;
  for (const { status } of members) {
    if (status.kind !== 'up' || status.leader === undefined) continue;
    if (latest === undefined || status.raftTerm > latest.raftTerm) latest = status;
  }
  return latest?.leader;
}
