/** An etcd3 or gRPC error as half a sentence: what a person wants to know of it, without codes and stacks. */
export function describeEtcdError(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replace(/^\d+ [A-Z_]+: /, '');
  if (/ECONNREFUSED/.test(text)) return 'connection refused';
  if (/EHOSTUNREACH|ENETUNREACH/.test(text)) return 'no route to host';
  if (/ENOTFOUND|Name resolution failed/.test(text)) return 'its name is not known';
  if (/deadline exceeded|call cancelled/i.test(text)) return 'no answer in time';
  if (/self-signed|unable to verify|UNABLE_TO_|issuer certificate/i.test(text))
    return 'its certificate is not signed by the CA that was given';
  if (/alert certificate required|bad certificate/i.test(text)) return 'it wants a client certificate';
  if (/altnames/i.test(text)) return 'its certificate is for another name or address';
  if (/No connection established/.test(text)) return 'no connection';
  return text.replace(/^etcdserver: /, '');
}
