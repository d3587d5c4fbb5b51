/** Something that would make the numbers worthless, or that the reader of them should know. */
export interface Finding {
  readonly kind:
    | 'single-key'
    | 'empty'
    | 'ttl-differs'
    | 'quota'
    /** There is no room for what is to be written. */
    | 'over-quota'
    | 'alarm'
    | 'versions'
    | 'leader-elsewhere'
    | 'member-down'
    | 'no-leader'
    | 'other';
  /** What is so, with figures. */
  readonly message: string;
  readonly hint?: string;
}
