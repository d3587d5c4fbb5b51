/** Where a secret comes from. Never argv. */
export type SecretSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'env'; readonly name: string };

/** Everything needed to reach and enter one host. Made by `TargetResolver`. */
export interface SshTarget {
  /** The inventory's name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Private key files, tried in order; a missing one is passed over unless it is `required`. */
  readonly keys: readonly { readonly path: string; readonly required: boolean }[];
  /** The agent's socket, or undefined for none. */
  readonly agent?: string | undefined;
  /** Offer only keys listed in `keys`, from files or agent. */
  readonly identitiesOnly: boolean;
  /** For logging in, and for sudo. */
  readonly password?: SecretSource | undefined;
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string | undefined;
  /** The hosts to go through, outermost first. */
  readonly hops: readonly SshTarget[];
}
