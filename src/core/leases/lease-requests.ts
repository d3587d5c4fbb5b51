import { Method, ProtoWriter, RequestTemplate, writePut } from '../wire/index.ts';
import { LEASE_ID_BYTES } from './lease-ids.ts';

/** An id of the length that all ids have; each request gets its own. */
const ANY_ID = BigInt(2 ** 52);

/** LeaseGrant; its id is to be filled in. */
export function grantTemplate(ttlSeconds: number): RequestTemplate {
  const writer = new ProtoWriter().number(1, ttlSeconds);
  return endingInId(Method.leaseGrant, writer.bigint(2, ANY_ID));
}

/** LeaseRevoke; its id is to be filled in. */
export function revokeTemplate(): RequestTemplate {
  return endingInId(Method.leaseRevoke, new ProtoWriter().bigint(1, ANY_ID));
}

/** A LeaseKeepAlive stream of a single request; its id is to be filled in. */
export function keepaliveTemplate(): RequestTemplate {
  return endingInId(Method.leaseKeepAlive, new ProtoWriter().bigint(1, ANY_ID));
}

/** A put with a lease: key and id are to be filled in, the id at the end. */
export function attachTemplate(key: string): { readonly template: RequestTemplate; readonly idAfterKey: number } {
  const writer = new ProtoWriter();
  writePut(writer, { key, value: '', lease: ANY_ID });
  const frame = writer.finish();
  const keyAt = frame.indexOf(key);
  return { template: new RequestTemplate(Method.put, frame, keyAt), idAfterKey: frame.length - LEASE_ID_BYTES - keyAt };
}

function endingInId(method: RequestTemplate['method'], writer: ProtoWriter): RequestTemplate {
  const frame = writer.finish();
  return new RequestTemplate(method, frame, frame.length - LEASE_ID_BYTES);
}
