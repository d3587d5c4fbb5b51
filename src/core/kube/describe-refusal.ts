import type { ApiRequest } from './api-server.ts';
import { KubeError } from './kube-error.ts';
import { quotaExceeded } from './quota-exceeded.ts';

/** Kubernetes' `Status`, as far as it is looked at. */
interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

/** The one place where what the API server refuses becomes ours. `body`: a Status, or whatever text came. */
export function refusal(request: ApiRequest, status: number, body: unknown, server: string): KubeError {
  const said: Status =
    typeof body === 'object' && body !== null ? body : { message: String(body).trim().slice(0, 300) };
  const { reason = '', message = '' } = said;
  const make = (text: string, hint?: string) =>
    new KubeError(text, { where: server, hint, status, reason, cause: body });
  if (status === 401)
    return make(
      `${request.what}: the API server does not know who we are (401)`,
      'the token or certificate in the kubeconfig has expired or is of another cluster: renew it',
    );
  if (status === 403) return make(`${request.what}: ${forbidden(said)}`, forbiddenHint(said));
  if (status === 409 && said.details?.causes?.some(({ reason: why }) => why === 'FieldManagerConflict'))
    return make(`${request.what}: ${conflicts(said)}`, 'apply by force takes these fields over');
  if (status === 422 || reason === 'Invalid') return make(`${request.what}: ${invalid(said)}`);
  return make(`${request.what}: ${message || `HTTP ${status}`}`);
}

const FORBIDDEN =
  /User "(?<user>[^"]*)" cannot (?<verb>\S+) resource "(?<resource>[^"]*)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]*)")?/;
function forbidden({ message = '' }: Status): string {
  const access = FORBIDDEN.exec(message)?.groups;
  if (access !== undefined) {
    const { user, verb, resource, namespace } = access;
    return `${user} may not ${verb} ${resource} ${namespace === undefined ? 'cluster-wide' : `in namespace ${namespace}`}`;
  }
  return quotaExceeded(message) ?? message;
}

function forbiddenHint({ message = '' }: Status): string | undefined {
  const access = FORBIDDEN.exec(message)?.groups;
  if (access !== undefined) {
    const role = access.namespace === undefined ? 'ClusterRole' : 'Role';
    const rule = `apiGroups: ["${access.group}"], resources: ["${access.resource}"], verbs: ["${access.verb}"]`;
    return `a ${role} with {${rule}} bound to ${access.user} allows it`;
  }
  if (quotaExceeded(message) !== undefined) return 'ask for less, free something there, or have the quota raised';
  return undefined;
}

/** `conflict with "kubectl" using apps/v1`: by manager, its fields. */
function conflicts({ details, message = '' }: Status): string {
  const byManager = new Map<string, string[]>();
  for (const { message: text = '', field = '' } of details?.causes ?? []) {
    const manager = /conflict with "([^"]+)"/.exec(text)?.[1] ?? 'another manager';
    byManager.set(manager, [...(byManager.get(manager) ?? []), field]);
  }
  if (byManager.size === 0) return message;
  return [...byManager].map(([manager, fields]) => `${manager} manages ${fields.join(', ')}`).join('; ');
}

function invalid({ details, message = '' }: Status): string {
  const causes = details?.causes ?? [];
  if (causes.length === 0) return message;
  return [...new Set(causes.map(({ field, message: text }) => (field ? `${field}: ${text}` : text)))].join('; ');
}
