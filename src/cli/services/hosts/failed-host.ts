/** One host's part of a result that did not come about. */
export interface FailedHost {
  readonly host: string;
  readonly status: 'failed';
  readonly error: string;
  readonly hint?: string | undefined;
}

/** Says where it failed when that was elsewhere, such as on a jump host. */
export function failedHost(host: string, error: Error): FailedHost {
  const { message, where, hint } = error as Error & { where?: string; hint?: string };
  const elsewhere = where !== undefined && where !== host;
  return { host, status: 'failed', error: elsewhere ? `${where}: ${message}` : message, hint };
}
