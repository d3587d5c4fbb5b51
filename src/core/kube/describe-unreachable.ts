import { type ErrorDetails, EtcdperfError, InputError } from '../errors/index.ts';
import { KubeUnreachableError } from './kube-error.ts';

/** Where a connection was to go, in a user's words. */
interface Destination {
  readonly server: string;
  readonly context: string;
}

const RENEW = 'renew the credentials in the kubeconfig';

/** The one place where errors of connecting to an API server become ours. */
export function describeUnreachable(error: NodeJS.ErrnoException, { server, context }: Destination): EtcdperfError {
  if (error instanceof EtcdperfError) return error;
  const say = (why: string, details: ErrorDetails = {}) =>
    new KubeUnreachableError(`the API server ${why}`, { where: server, cause: error, ...details });
  const { message } = error;
  const code = error.code ?? '';
  switch (code) {
    case 'ECONNREFUSED':
      return say('refuses connections', { hint: `is it up, and is context '${context}' the right one?` });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return say("has a name that can't be looked up", { hint: `is context '${context}' the right one?` });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return say("can't be reached from here: no route", { hint: 'is a VPN or a proxy (proxy-url) needed?' });
    case 'ETIMEDOUT':
      return say(`does not answer (${message})`, { hint: 'is a VPN or a proxy (proxy-url) needed?' });
    case 'ECONNRESET':
    case 'EPIPE':
      return say('breaks connections off', { hint: 'is it starting, or is something between here and there?' });
    case 'CERT_HAS_EXPIRED':
      return say('shows a certificate that has expired', { hint: "renew it there; is this machine's clock right?" });
    case 'CERT_NOT_YET_VALID':
      return say('shows a certificate that is not valid yet', { hint: "is this machine's clock right?" });
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return say('shows a certificate for another name or address', {
        hint: 'use one of its names in the kubeconfig (server), or name it there (tls-server-name)',
      });
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'CERT_SIGNATURE_FAILURE':
      return say("shows a certificate that the kubeconfig's CA has not signed", {
        hint: 'take the kubeconfig of this cluster as it is now: its certificate-authority may be of a former one',
      });
  }
  if (
    /alert certificate expired|alert bad certificate|alert unknown ca|alert certificate unknown|certificate required/i.test(
      message,
    )
  )
    return say("does not take the kubeconfig's client certificate", { hint: RENEW });
  if (/wrong version number|packet length too long/i.test(message))
    return say('does not speak TLS on this port', { hint: 'http and https mixed up in the kubeconfig?' });
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH')
    return new InputError("the kubeconfig's client certificate and key don't belong together", {
      where: context,
      cause: error,
    });
  if (code.startsWith('ERR_OSSL'))
    return new InputError(`the kubeconfig's certificates can't be read (${code})`, {
      where: context,
      hint: RENEW,
      cause: error,
    });
  return say(`can't be spoken to: ${message.trim().split('\n')[0]}`);
}
