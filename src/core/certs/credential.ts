/** A certificate and its key (PKCS #8), both PEM. */
export interface Credential {
  readonly cert: Buffer;
  readonly key: Buffer;
}
