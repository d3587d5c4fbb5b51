import type { MemberPlan } from './cluster-plan.ts';

/** What became of one member. */
export type MemberResult =
  | {
      /** `new certificates`: nothing else had to change, and it runs on. */
      readonly kind: 'unchanged' | 'new certificates' | 'started' | 'restarted';
      readonly pid: number;
      readonly nofile: number;
    }
  /** Of a dry run; `argv`: what would be started. */
  | { readonly kind: 'would start'; readonly argv: readonly string[] }
  | {
      readonly kind: 'would restart';
      readonly argv: readonly string[];
      /** `heartbeat-interval: 100, wanted 500`, one for each setting. */
      readonly differences: readonly string[];
    }
  /** It would have been started, had nothing else been in the way; or it was, and has been taken back. */
  | { readonly kind: 'not started' | 'taken back' }
  | {
      readonly kind: 'refused' | 'unreachable' | 'failed';
      readonly reason: string;
      readonly hint?: string | undefined;
    };

export interface DeployedMember {
  readonly name: string;
  readonly host: string;
  readonly endpoint: string;
  readonly dataDir: string;
  readonly result: MemberResult;
}

export interface DeployReport {
  readonly cluster: string;
  readonly version: string;
  readonly endpoints: readonly string[];
  readonly outcome:
    | { readonly kind: 'deployed' | 'unchanged' | 'planned' }
    /** Nothing was touched. */
    | { readonly kind: 'refused'; readonly reason: string }
    | { readonly kind: 'failed'; readonly reason: string; readonly hint?: string | undefined };
  readonly members: readonly DeployedMember[];
  /** The name of the member that leads. */
  readonly leader: string | undefined;
  readonly durationMs: number;
}

export function deployedMember(member: MemberPlan, result: MemberResult): DeployedMember {
  const { name, host, clientUrl: endpoint, dataDir } = member;
  return { name, host, endpoint, dataDir, result };
}
