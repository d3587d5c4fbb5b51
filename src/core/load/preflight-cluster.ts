import type { ClusterSurvey, SurveyedMember, Target, UpEndpoint } from '../etcd/index.ts';
import type { Finding } from './preflight-finding.ts';

/** What the members' own words show: who is down, who leads, what they run, what alarms are raised. */
export function clusterFindings(survey: ClusterSurvey, target: Target): Finding[] {
  return [
    ...downFindings(survey),
    ...differentClusters(survey),
    ...leaderFindings(survey, target),
    ...versionFindings(survey),
    ...alarmFindings(survey),
  ];
}

function upMembers({ members }: ClusterSurvey): { readonly name: string; readonly status: UpEndpoint }[] {
  return members.flatMap(({ name, status }) => (status.kind === 'up' ? [{ name, status }] : []));
}

function downFindings({ members, listed }: ClusterSurvey): Finding[] {
  const given = members.filter((member) => member.isGiven);
  const down = given.flatMap((member) => (member.status.kind === 'down' ? [{ ...member, status: member.status }] : []));
  const findings = down.map(
    ({ name, endpoint, status }): Finding => ({
      kind: 'member-down',
      message: `${nameAndEndpoint(name, endpoint)} does not answer: ${status.error}`,
      hint: `${given.length - down.length} of ${given.length} endpoints answer: start it, or leave it out of --endpoints`,
    }),
  );
  const unseen = members.filter(({ isGiven, status }) => !isGiven && status.kind === 'down');
  if (unseen.length === 0) return findings;
  const names = unseen.map(({ name, endpoint }) => nameAndEndpoint(name, endpoint)).join(', ');
  return [
    ...findings,
    {
      kind: 'other',
      message: `${unseen.length} of ${listed.length} members can't be looked at from here: ${names}`,
      hint: 'name addresses of theirs that can be reached in --endpoints',
    },
  ];
}

function differentClusters(survey: ClusterSurvey): Finding[] {
  const clusters = new Set(upMembers(survey).map(({ status }) => status.clusterId));
  if (clusters.size < 2) return [];
  return [
    {
      kind: 'other',
      message: `the endpoints belong to ${clusters.size} different clusters: ${[...clusters].join(', ')}`,
      hint: 'give the endpoints of one cluster only',
    },
  ];
}

function leaderFindings(survey: ClusterSurvey, target: Target): Finding[] {
  const { members, leader } = survey;
  if (leader === undefined)
    return [
      {
        kind: 'no-leader',
        message: `no leader: ${upMembers(survey).length} of ${clusterSize(survey)} members answer, and none knows one`,
        hint: 'writes and linearizable reads will fail until there is one: start the members that are down',
      },
    ];
  const behind = upMembers(survey).filter(({ status }) => status.leader === undefined);
  const lost = behind.map(
    ({ name }): Finding => ({ kind: 'no-leader', message: `${name} knows no leader, though there is one` }),
  );
  // Whoever asks for followers or the leader gets what was asked for.
  if (target.kind !== 'all' && target.kind !== 'member') return lost;
  const aimed = members.filter((member) => isAimedAt(member, target));
  const leads = ({ status }: SurveyedMember) => status.kind === 'up' && status.memberId === leader;
  if (aimed.length === 0 || aimed.some(leads)) return lost;
  const leaderName = members.find(leads)?.name ?? listedName(survey, leader);
  return [
    ...lost,
    {
      kind: 'leader-elsewhere',
      message:
        `the load goes to ${aimed.map((member) => member.name).join(', ')}, and the leader is ${leaderName}: ` +
        'every write and linearizable read takes one hop more',
      hint: 'use --target leader, or add its client URL to --endpoints, unless that hop is what you mean to measure',
    },
  ];
}

function isAimedAt(member: SurveyedMember, target: Target): boolean {
  if (target.kind !== 'member') return member.isGiven;
  return (
    member.name === target.name ||
    member.endpoint.replace(/^https?:\/\//, '') === target.name ||
    member.endpoint === target.name
  );
}

function versionFindings(survey: ClusterSurvey): Finding[] {
  const up = upMembers(survey);
  if (new Set(up.map(({ status }) => status.version)).size < 2) return [];
  return [
    {
      kind: 'versions',
      message: `the members run different versions: ${up.map(({ name, status }) => `${name} ${status.version}`).join(', ')}`,
      hint: 'the slowest decides: bring all of them to one version before comparing anything',
    },
  ];
}

/** `memberID:9372538179322589801 alarm:NOSPACE ` is how a member's status tells of an alarm. */
const ALARM = /memberID:(\d+) alarm:(\w+)/g;

function alarmFindings(survey: ClusterSurvey): Finding[] {
  const raised = new Map<string, { memberId: string; alarm: string }>();
  for (const { status } of upMembers(survey))
    for (const error of status.errors)
      for (const [text, id = '0', alarm = ''] of error.matchAll(ALARM))
        raised.set(text, { memberId: BigInt(id).toString(16), alarm });
  return [...raised.values()].map(({ memberId, alarm }) => ({
    kind: 'alarm',
    message: `alarm ${alarm} of ${memberName(survey, memberId)}${ALARM_MEANING[alarm] ?? ''}`,
    hint: alarm === 'NOSPACE' ? 'compact, defragment, then etcdctl alarm disarm' : 'see etcdctl alarm list',
  }));
}

const ALARM_MEANING: Readonly<Record<string, string>> = {
  NOSPACE: ': its quota is used up, etcd refuses all writes',
  CORRUPT: ': its data differs from the others’',
};

function memberName(survey: ClusterSurvey, memberId: string): string {
  const member = upMembers(survey).find(({ status }) => status.memberId === memberId);
  return member?.name ?? listedName(survey, memberId);
}

function listedName({ listed }: ClusterSurvey, memberId: string): string {
  const name = listed.find((member) => member.id.toString(16) === memberId)?.name;
  return name === undefined || name === '' ? `member ${memberId}` : name;
}

function clusterSize({ members, listed }: ClusterSurvey): number {
  return Math.max(members.length, listed.length);
}

function nameAndEndpoint(name: string, endpoint: string): string {
  return name === endpoint ? endpoint : `${name} (${endpoint})`;
}
