/** What a member did between two moments, from its /metrics. A figure is undefined where the member didn't tell. */
export interface MemberWindow {
  readonly name: string;
  readonly endpoint: string;
  readonly version: string | undefined;
  readonly isLeader: boolean | undefined;
  /** Of one core. */
  readonly cpuPercent: number | undefined;
  /** Resident, at the end. */
  readonly memoryMb: number | undefined;
  readonly memoryGrowthMb: number | undefined;
  readonly dbSizeMb: number | undefined;
  readonly dbGrowthMb: number | undefined;
  /** From histograms' buckets over the window, so no finer than these. */
  readonly fsyncP50Ms: number | undefined;
  readonly fsyncP99Ms: number | undefined;
  readonly commitP50Ms: number | undefined;
  readonly commitP99Ms: number | undefined;
  readonly leaderChanges: number | undefined;
  readonly slowApplies: number | undefined;
  readonly failedProposals: number | undefined;
  /** Why there are no figures. */
  readonly problem: string | undefined;
}
