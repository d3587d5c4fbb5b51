/** What became of one member. Times are milliseconds, counted from the moment when it was asked to end. */
export type MemberRestart =
  | {
      readonly kind: 'restarted';
      /** Until it answered its clients again, the cluster behind it. */
      readonly downMs: number;
      /** Until every member was well and it had applied what the others have. */
      readonly caughtUpMs: number;
      /** Who leads since just before, where it led. */
      readonly leadershipTo: string | undefined;
      /** Elections of the whole time, the handing over of leadership included. */
      readonly leaderChanges: number;
    }
  | { readonly kind: 'not restarted' }
  | { readonly kind: 'failed'; readonly reason: string; readonly hint?: string | undefined };

export interface RestartReport {
  readonly cluster: string;
  readonly outcome:
    | { readonly kind: 'restarted' }
    | { readonly kind: 'failed'; readonly reason: string }
    | { readonly kind: 'interrupted' };
  /** In the order in which they were, or would have been, restarted. `host`: a node where members are pods. */
  readonly members: readonly { readonly name: string; readonly host: string; readonly result: MemberRestart }[];
  /** What is worth knowing besides. */
  readonly notes: readonly string[];
  readonly durationMs: number;
}
