/** An etcd3 or gRPC error as half a sentence: what a person wants to know of it, without codes and stacks. */
export function describeEtcdError(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/^\d+ [A-Z_]+: /, '');
  if (/ECONNREFUSED/.test(text)) return 'connection refused';
  if (/EHOSTUNREACH|ENETUNREACH/.test(text)) return 'no route to host';
  if (/ENOTFOUND|Name resolution failed/.test(text)) return 'its name is not known';
  if (/deadline exceeded|call cancelled|no HTTP\/2 connection within|no answer within|not connected yet/i.test(text))
    return 'no answer in time';
  if (/certificate has expired/i.test(text)) return 'its certificate has expired';
  if (/alert certificate expired/i.test(text)) return 'the certificate that it was shown has expired';
  if (/self-signed|unable to (?:verify|get)|UNABLE_TO_|issuer certificate|certificate signature failure/i.test(text))
    return 'its certificate is not signed by the CA that was given';
  if (/alert certificate required|bad certificate/i.test(text)) return 'it wants a client certificate';
  if (/Failed to connect|before secure TLS connection|wrong version number/.test(text))
    return 'it does not speak gRPC (http and https mixed up?)';
  if (/altnames/i.test(text)) return 'its certificate is for another name or address';
  const last = /No connection established\. Last error: (?:Error: )?(.*?)\. Resolution note/.exec(text)?.[1];
  if (last !== undefined) return last === 'null' ? 'no connection' : last;
  return text.replace(/^etcdserver: /, '');
}

/** What a server that lives answers: another endpoint would say the same, and quorum isn't the question. */
export function isRefusal(error: unknown): boolean {
  // etcd3 sets no names: only its classes tell. It knows these of etcd's own errors; the rest is about the connection,
  // about time, or about the state of raft.
  const kind = error instanceof Error ? error.constructor.name : '';
  if (/^Etcd(PermissionDenied|AuthenticationFailed|InvalidAuthToken|User|Role|Lease)/.test(kind)) return true;
  return /^GRPC(InvalidArgument|FailedPrecondition|Unauthenticated|NotFound|OutOfRange|NotImplemented)/.test(kind);
}
