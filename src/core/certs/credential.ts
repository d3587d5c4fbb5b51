/** A certificate and its key, both PEM. */
export interface Credential {
  readonly cert: Buffer;
  readonly key: Buffer;
}
