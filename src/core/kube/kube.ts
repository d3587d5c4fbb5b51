import type { KubeEvent, KubeObject } from './kube-objects.ts';

/** One object. Without a namespace, the context's own is meant (where the kind has namespaces at all). */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Objects of one kind. */
export interface ObjectQuery {
  readonly apiVersion: string;
  readonly kind: string;
  /** Default: the context's. `*`: all namespaces. */
  readonly namespace?: string | undefined;
  /** All of these labels, or a selector in Kubernetes' own notation (`app in (a, b)`). */
  readonly labels?: Readonly<Record<string, string>> | string | undefined;
  /** Fields that the API server selects by: `{'metadata.name': 'x'}`, or a selector. */
  readonly fields?: Readonly<Record<string, string>> | string | undefined;
}

/** A pod by name; without a namespace the context's. */
export type PodRef = string | { readonly name: string; readonly namespace?: string | undefined };

export interface ApplyOptions {
  /** The API server answers as if, and stores nothing. */
  readonly dryRun?: boolean;
  /** Take over fields that another manager set. Default: false, a conflict is an error. */
  readonly force?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface RemoveOptions {
  /** Only the object with this uid: one made anew under the same name stays (a conflict error). */
  readonly uid?: string | undefined;
  readonly graceSeconds?: number | undefined;
  /** What becomes of what it owns. Default: the kind's own (`Background` for most). */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told what is awaited now, each time that it changes. */
  readonly onState?: ((awaited: string) => void) | undefined;
}

export interface ExecOptions {
  /** Default: the pod's only one. */
  readonly container?: string | undefined;
  /** What the command reads; without it its stdin is empty. */
  readonly stdin?: string | Buffer | AsyncIterable<Uint8Array> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets the output's bytes as they come; the result's is empty then. Nothing more is read until its promise resolves. */
  readonly onStdout?: ((chunk: Buffer) => void | Promise<void>) | undefined;
}

/** What a command in a container left behind. A code that isn't 0 is a result, not an error. */
export interface ExecResult {
  readonly code: number;
  /** As UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface LogOptions {
  readonly container?: string | undefined;
  readonly sinceSeconds?: number | undefined;
  readonly sinceTime?: Date | undefined;
  /** The last so many lines. */
  readonly tail?: number | undefined;
  /** Stay and yield what comes, until the container ends or the signal aborts. */
  readonly follow?: boolean | undefined;
  /** Of the container that ran before it was restarted. */
  readonly previous?: boolean | undefined;
  /** Each line begins with its RFC 3339 time. */
  readonly timestamps?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A port of this machine (127.0.0.1) that leads to a pod's. */
export interface Forward extends AsyncDisposable {
  readonly port: number;
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Ends the listener and all connections through it. */
  close(): Promise<void>;
}

/** One thing that is to be allowed. */
export interface AccessCheck {
  readonly verb: string;
  /** API group; the core group is `''`, which is the default. */
  readonly group?: string | undefined;
  /** Plural, as in a Role: `pods`. */
  readonly resource: string;
  readonly subresource?: string | undefined;
  /** Default: the context's namespace. `''`: cluster-wide. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** The cluster behind one context of a kubeconfig. All methods throw `KubeError` for what the API server refuses. */
export interface Kube extends AsyncDisposable {
  readonly context: string;
  /** The namespace that is meant where none is said. */
  readonly namespace: string;
  /** The API server's URL. */
  readonly server: string;

  /** Server-side apply as field manager `etcdperf`: creates it or changes what differs. Resolves to what stands then. */
  apply<T extends KubeObject>(object: T, options?: ApplyOptions): Promise<T>;
  create<T extends KubeObject>(object: T, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>;
  /** A JSON merge patch (null removes a key). `subresource`: `status`, `scale`. */
  merge<T extends KubeObject>(
    ref: ObjectRef,
    patch: object,
    options?: { readonly subresource?: string; readonly signal?: AbortSignal | undefined },
  ): Promise<T>;
  /** Undefined where there is none. */
  get<T extends KubeObject>(
    ref: ObjectRef,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<T | undefined>;
  list<T extends KubeObject>(query: ObjectQuery, options?: { readonly signal?: AbortSignal | undefined }): Promise<T[]>;
  /** Asks for its removal; it may still be there for a while (`waitUntil`). */
  remove(ref: ObjectRef, options?: RemoveOptions): Promise<'removed' | 'absent'>;

  /**
   * Tells what the query finds, by name (with `namespace: '*'` by `namespace/name`), now and after each change, until
   * the signal aborts, or the `Kube` is closed; then it resolves. It goes on after watches that end and while the API server is away. Throws
   * what the API server refuses, and what `onChange` throws.
   */
  follow<T extends KubeObject>(
    query: ObjectQuery,
    onChange: (items: ReadonlyMap<string, T>) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Waits until `check` says `{ done }`; a text says what is still awaited. What `check` throws ends the wait. Throws
   * OperationError with the last text after `timeoutMs`.
   */
  waitUntil<T extends KubeObject, R>(
    query: ObjectQuery,
    check: (items: ReadonlyMap<string, T>) => { readonly done: R } | string,
    options: WaitOptions,
  ): Promise<R>;

  /**
   * Runs a command in a container. When time is over or the signal aborts, it throws; the command itself may go on
   * there. Throws KubeError where it can't be started, KubeUnreachableError for a connection that broke meanwhile.
   */
  exec(pod: PodRef, argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Lines without their ends. Ends quietly when the signal aborts; a follower goes on after connections that break. */
  logs(pod: PodRef, options?: LogOptions): AsyncIterable<string>;
  /** Throws KubeError where there is no such pod, or it is not allowed. */
  forward(pod: PodRef, port: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<Forward>;
  /** Copies a file of this machine into a container, which needs `sh`, `head`, `wc`, `chmod` and `mv`: all or nothing. */
  copyTo(pod: PodRef, localPath: string, remotePath: string, options?: CopyOptions): Promise<void>;
  /** Copies a file out of a container, which needs `cat`: all or nothing. */
  copyFrom(pod: PodRef, remotePath: string, localPath: string, options?: CopyOptions): Promise<void>;
  /** By the eviction API, so that disruption budgets are kept. A budget that forbids it is a KubeError of status 429. */
  evict(
    pod: PodRef,
    options?: { readonly graceSeconds?: number; readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
  /** What was reported about an object, oldest first. */
  events(
    about: Partial<ObjectRef> & { readonly uid?: string },
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<KubeEvent[]>;
  /** Those of the checks that are not allowed. */
  can<C extends AccessCheck>(
    checks: readonly C[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<C[]>;
  close(): Promise<void>;
}

export interface CopyOptions {
  readonly container?: string | undefined;
  /** Permission bits of the copy. Default 0644. */
  readonly mode?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
