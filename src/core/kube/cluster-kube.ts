import { ApiServer, type ApiServerOptions } from './api-server.ts';
import { copyFrom, copyTo } from './copy.ts';
import { eventTime } from './event-time.ts';
import { exec } from './exec.ts';
import { type Collection, follow, listAll } from './follow.ts';
import { forward } from './forward.ts';
import type {
  AccessCheck,
  ApplyOptions,
  CopyOptions,
  ExecOptions,
  ExecResult,
  Forward,
  Kube,
  LogOptions,
  ObjectQuery,
  ObjectRef,
  PodRef,
  RemoveOptions,
  WaitOptions,
} from './kube.ts';
import { KubeError } from './kube-error.ts';
import type { KubeEvent, KubeObject } from './kube-objects.ts';
import type { ChosenContext } from './kubeconfig.ts';
import { readLogs } from './read-logs.ts';
import { Resources } from './resources.ts';
import { waitUntil } from './wait-until.ts';

/** Who the fields belong to that we apply. */
const FIELD_MANAGER = 'etcdperf';

type WithSignal = { readonly signal?: AbortSignal | undefined };

/** `Kube` over the API server of a kubeconfig's context. */
export class ClusterKube implements Kube {
  readonly context: string;
  readonly namespace: string;
  readonly server: string;
  readonly #api: ApiServer;
  readonly #resources: Resources;

  constructor(chosen: ChosenContext, options: ApiServerOptions) {
    this.context = chosen.context;
    this.namespace = chosen.namespace;
    this.server = chosen.server;
    this.#api = new ApiServer(chosen, options);
    this.#resources = new Resources(this.#api);
  }

  async apply<T extends KubeObject>(object: T, { dryRun, force, signal }: ApplyOptions = {}): Promise<T> {
    const ref = refOf(object);
    const { path, what } = await this.#locate(ref, signal);
    return await this.#api.json<T>({
      method: 'PATCH',
      path,
      query: {
        fieldManager: FIELD_MANAGER,
        fieldValidation: 'Strict',
        force: force === true ? true : undefined,
        dryRun: dryRun === true ? 'All' : undefined,
      },
      body: object,
      contentType: 'application/apply-patch+yaml',
      signal,
      what: `apply ${what}`,
    });
  }

  async create<T extends KubeObject>(object: T, { signal }: WithSignal = {}): Promise<T> {
    const { collection, what } = await this.#locate(refOf(object), signal);
    const query = { fieldManager: FIELD_MANAGER };
    return await this.#api.json<T>({
      ...{ method: 'POST', path: collection, query, body: object, signal },
      what: `create ${what}`,
    });
  }

  async merge<T extends KubeObject>(
    ref: ObjectRef,
    patch: object,
    { subresource, signal }: { readonly subresource?: string } & WithSignal = {},
  ): Promise<T> {
    const { path, what } = await this.#locate(ref, signal);
    return await this.#api.json<T>({
      method: 'PATCH',
      path: subresource === undefined ? path : `${path}/${subresource}`,
      query: { fieldManager: FIELD_MANAGER },
      body: patch,
      contentType: 'application/merge-patch+json',
      signal,
      what: `change ${what}`,
    });
  }

  async get<T extends KubeObject>(ref: ObjectRef, { signal }: WithSignal = {}): Promise<T | undefined> {
    const { path, what } = await this.#locate(ref, signal);
    try {
      return await this.#api.json<T>({ method: 'GET', path, signal, what: `read ${what}` });
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list<T extends KubeObject>(query: ObjectQuery, { signal }: WithSignal = {}): Promise<T[]> {
    return (await listAll<T>(this.#api, await this.#collection(query, signal), { signal })).items;
  }

  async remove(
    ref: ObjectRef,
    { uid, graceSeconds, propagation, signal }: RemoveOptions = {},
  ): Promise<'removed' | 'absent'> {
    const { path, what } = await this.#locate(ref, signal);
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
      ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    };
    try {
      await this.#api.json({ method: 'DELETE', path, body, signal, what: `remove ${what}` });
      return 'removed';
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return 'absent';
      throw error;
    }
  }

  async follow<T extends KubeObject>(
    query: ObjectQuery,
    onChange: (items: ReadonlyMap<string, T>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await follow(this.#api, await this.#collection(query, signal), onChange, signal);
  }

  async waitUntil<T extends KubeObject, R>(
    query: ObjectQuery,
    check: (items: ReadonlyMap<string, T>) => { readonly done: R } | string,
    options: WaitOptions,
  ): Promise<R> {
    return await waitUntil<ReadonlyMap<string, T>, R>(
      (onChange, signal) => this.follow(query, onChange, signal),
      check,
      { ...options, where: this.server, over: this.#api.over },
    );
  }

  async exec(pod: PodRef, argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return await exec(this.#api, { ...this.#podOf(pod), argv }, options);
  }

  logs(pod: PodRef, options: LogOptions = {}): AsyncIterable<string> {
    return readLogs(this.#api, this.#podOf(pod), options);
  }

  async forward(pod: PodRef, port: number, { signal }: WithSignal = {}): Promise<Forward> {
    return await forward(this.#api, { ...this.#podOf(pod), port }, signal);
  }

  async copyTo(pod: PodRef, localPath: string, remotePath: string, options: CopyOptions = {}): Promise<void> {
    await copyTo((argv, more) => this.exec(pod, argv, more), { localPath, remotePath, ...options });
  }

  async copyFrom(pod: PodRef, remotePath: string, localPath: string, options: CopyOptions = {}): Promise<void> {
    await copyFrom((argv, more) => this.exec(pod, argv, more), { localPath, remotePath, ...options });
  }

  async evict(
    pod: PodRef,
    { graceSeconds, signal }: { readonly graceSeconds?: number } & WithSignal = {},
  ): Promise<void> {
    const { name, namespace, path, where } = this.#podOf(pod);
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
      ...(graceSeconds === undefined ? {} : { deleteOptions: { gracePeriodSeconds: graceSeconds } }),
    };
    await this.#api.json({
      ...{ method: 'POST', path: `${path}/eviction`, body, signal },
      what: `evict ${where}`,
    });
  }

  async events(
    { apiVersion, kind, name, namespace, uid }: Partial<ObjectRef> & { readonly uid?: string },
    { signal }: WithSignal = {},
  ): Promise<KubeEvent[]> {
    const about = {
      'involvedObject.apiVersion': apiVersion,
      'involvedObject.kind': kind,
      'involvedObject.name': name,
      'involvedObject.uid': uid,
    };
    const fields = Object.fromEntries(
      Object.entries(about).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const events = await this.list<KubeEvent>({ apiVersion: 'v1', kind: 'Event', namespace, fields }, { signal });
    return events.sort(byTime);
  }

  async can<C extends AccessCheck>(checks: readonly C[], { signal }: WithSignal = {}): Promise<C[]> {
    const answers = await Promise.all(checks.map((check) => this.#mayDo(check, signal)));
    return checks.filter((_, index) => !answers[index]);
  }

  async #mayDo(check: AccessCheck, signal?: AbortSignal): Promise<boolean> {
    const { verb, group = '', resource, subresource, namespace = this.namespace, name } = check;
    const { status } = await this.#api.json<{ status: { allowed: boolean } }>({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb, group, resource, subresource, namespace, name } },
      },
      isRepeatable: true,
      signal,
      what: 'ask what is allowed',
    });
    return status.allowed;
  }

  #podOf(pod: PodRef): { name: string; namespace: string; path: string; where: string } {
    const { name, namespace = this.namespace } = typeof pod === 'string' ? { name: pod } : pod;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
    return { name, namespace, path, where: `pod ${namespace}/${name}` };
  }

  async close(): Promise<void> {
    this.#api.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #locate(
    { apiVersion, kind, name, namespace = this.namespace }: ObjectRef,
    signal?: AbortSignal,
  ): Promise<{ path: string; collection: string; what: string }> {
    const { plural, namespaced, root } = await this.#resources.of(apiVersion, kind, signal);
    const collection = namespaced
      ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
      : `${root}/${plural}`;
    return {
      collection,
      path: `${collection}/${encodeURIComponent(name)}`,
      what: `${kind} ${name}${namespaced ? ` in namespace ${namespace}` : ''}`,
    };
  }

  async #collection(
    { apiVersion, kind, namespace = this.namespace, labels, fields }: ObjectQuery,
    signal?: AbortSignal,
  ): Promise<Collection> {
    const { plural, namespaced, root } = await this.#resources.of(apiVersion, kind, signal);
    const isOne = namespaced && namespace !== '*';
    return {
      ...{ apiVersion, kind },
      path: isOne ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${root}/${plural}`,
      query: { labelSelector: selector(labels), fieldSelector: selector(fields) },
      what: `${plural}${isOne ? ` in namespace ${namespace}` : ''}`,
      acrossNamespaces: namespaced && !isOne,
    };
  }
}

function refOf({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  const name = metadata?.name;
  if (apiVersion === undefined || kind === undefined || name === undefined)
    throw new TypeError('an object needs apiVersion, kind and metadata.name');
  return { apiVersion, kind, name, namespace: metadata?.namespace };
}

function selector(wanted: Readonly<Record<string, string>> | string | undefined): string | undefined {
  if (wanted === undefined || typeof wanted === 'string') return wanted;
  return Object.entries(wanted)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** Some events have whole seconds only; among those of one second the order of writing tells. */
function byTime(a: KubeEvent, b: KubeEvent): number {
  const second = (event: KubeEvent) => Math.floor(Date.parse(eventTime(event)) / 1000);
  return second(a) - second(b) || Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion);
}
