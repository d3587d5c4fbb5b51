import { InputError, OperationError } from '../errors/index.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { type ClusterSurvey, type SurveyedMember, surveyCluster } from './member-survey.ts';

/** Which members get the load. */
export type Target =
  /** All endpoints that the user gave. */
  | { readonly kind: 'all' }
  | { readonly kind: 'leader' }
  /** Every member that follows, learners excepted: they serve no clients. */
  | { readonly kind: 'followers' }
  /** By its name, or by its client URL. */
  | { readonly kind: 'member'; readonly name: string };

export interface ResolvedTarget {
  /** As the one given, its endpoints narrowed to the target's. */
  readonly access: ClusterAccess;
  /** The target's, in the order of the endpoints. */
  readonly members: readonly SurveyedMember[];
  /** All that was seen on the way. */
  readonly survey: ClusterSurvey;
}

/** `all`, `leader`, `followers`, a member's name or its client URL. Throws InputError when it is empty. */
export function parseTarget(text: string): Target {
  const name = text.trim();
  if (name === 'all' || name === 'leader' || name === 'followers') return { kind: name };
  if (name !== '' && !/[\s,]/.test(name)) return { kind: 'member', name };
  throw new InputError(`'${text}' is no target`, {
    where: '--target',
    hint: "write all, leader, followers, or one member's name or client URL",
  });
}

/**
 * Finds the target's endpoints by asking every endpoint. Rejects with an InputError when the cluster has no such
 * member, or when endpoints mix http and https; with an OperationError when it can't be reached, the login is refused,
 * or there is no leader to aim at; with the signal's reason.
 */
export async function resolveTarget(
  access: ClusterAccess,
  target: Target,
  signal?: AbortSignal,
): Promise<ResolvedTarget> {
  const survey = await surveyCluster(access, signal);
  const members = targetMembers(survey, target);
  return { access: { ...access, endpoints: members.map((member) => member.endpoint) }, members, survey };
}

function targetMembers(survey: ClusterSurvey, target: Target): readonly SurveyedMember[] {
  switch (target.kind) {
    case 'all':
      return survey.members.filter((member) => member.isGiven);
    case 'leader':
      return [leaderMember(survey)];
    case 'followers':
      return followers(survey);
    case 'member':
      return [namedMember(survey, target.name)];
    default:
      return target satisfies never;
  }
}

function leaderMember({ members, leader, listed }: ClusterSurvey): SurveyedMember {
  const where = endpointsOf(members);
  if (leader === undefined)
    throw new OperationError('the cluster has no leader to aim at', {
      where,
      hint: 'start the members that are down, or use --target all',
    });
  const found = members.find(({ status }) => status.kind === 'up' && status.memberId === leader);
  if (found !== undefined) return found;
  const name = listed.find((member) => member.id.toString(16) === leader)?.name ?? `member ${leader}`;
  throw new OperationError(`the leader, ${name}, can't be reached from here`, {
    where,
    hint: 'add its client URL to --endpoints',
  });
}

function followers({ members, leader, listed }: ClusterSurvey): readonly SurveyedMember[] {
  const where = endpointsOf(members);
  if (leader === undefined) throw new OperationError('the cluster has no leader, and so no followers', { where });
  const found = members.filter(({ status }) => status.kind === 'up' && status.memberId !== leader && !status.isLearner);
  if (found.length > 0) return found;
  if (listed.length === 1 || members.length === 1)
    throw new InputError('the cluster has no followers: it has a single member', {
      where: '--target',
      hint: 'use --target all',
    });
  throw new OperationError('no follower can be reached', { where, hint: 'add their client URLs to --endpoints' });
}

function namedMember({ members, listed }: ClusterSurvey, name: string): SurveyedMember {
  const found = members.find((member) => member.name === name) ?? members.find((member) => hasAddress(member, name));
  if (found === undefined) {
    const names = [...new Set([...members, ...listed].map((member) => member.name))];
    throw new InputError(`the cluster has no member '${name}'`, {
      where: '--target',
      hint: `it has ${names.filter((one) => one !== '').join(', ')}`,
    });
  }
  if (found.status.kind === 'up') return found;
  throw new OperationError(`${found.name} can't be reached: ${found.status.error}`, { where: found.endpoint });
}

/** `http://host:port`, or the same without the scheme. */
function hasAddress({ endpoint }: SurveyedMember, text: string): boolean {
  return endpoint === text.replace(/\/$/, '') || endpoint.replace(/^https?:\/\//, '') === text;
}

function endpointsOf(members: readonly SurveyedMember[]): string {
  return members.map((member) => member.endpoint).join(', ');
}
