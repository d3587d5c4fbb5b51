/** Keys of A that begin with `from` are called as B's that begin with `to`. */
export interface PrefixMapping {
  readonly from: Buffer;
  readonly to: Buffer;
}
